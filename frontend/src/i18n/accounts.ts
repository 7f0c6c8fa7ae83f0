// The words of the accounts page, which are loaded with it.
import i18next from "i18next";
import en from "./accounts.en.json";
import zhCN from "./accounts.zh-CN.json";
import type { Messages } from "./i18n";

zhCN satisfies Messages<typeof en>;

/** Makes t("accounts.…") work; call after startI18n and before the page is drawn. */
export function addAccountWords(): void {
  i18next.addResourceBundle("en", "translation", en, true);
  i18next.addResourceBundle("zh-CN", "translation", zhCN, true);
}
