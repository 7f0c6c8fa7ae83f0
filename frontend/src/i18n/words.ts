// The words of pages that are not the first one: they are loaded with them.
import i18next from "i18next";
import type { Messages } from "./i18n";

interface Words<T> {
  default: T;
}

/** Both languages at once, so that the page can be switched; a Chinese key that is missing does not compile. */
function both<T>(en: Promise<Words<T>>, zhCN: Promise<Words<Messages<T>>>) {
  return Promise.all([en, zhCN]);
}

const parts = {
  accounts: () => both(import("./accounts.en.json"), import("./accounts.zh-CN.json")),
  connect: () => both(import("./connect.en.json"), import("./connect.zh-CN.json")),
  figures: () => both(import("./figures.en.json"), import("./figures.zh-CN.json")),
  firstRun: () => both(import("./firstRun.en.json"), import("./firstRun.zh-CN.json")),
  models: () => both(import("./models.en.json"), import("./models.zh-CN.json")),
  network: () => both(import("./network.en.json"), import("./network.zh-CN.json")),
  palette: () => both(import("./palette.en.json"), import("./palette.zh-CN.json")),
  playground: () => both(import("./playground.en.json"), import("./playground.zh-CN.json")),
  rest: () => both(import("./rest.en.json"), import("./rest.zh-CN.json")),
  settings: () => both(import("./settings.en.json"), import("./settings.zh-CN.json")),
};

/** Makes t("name.…") work; wait for it before what says these words is drawn, and call after startI18n. */
export async function loadWords(...names: (keyof typeof parts)[]): Promise<void> {
  const loaded = await Promise.all(names.map((name) => parts[name]()));
  for (const [en, zhCN] of loaded) {
    i18next.addResourceBundle("en", "translation", en.default, true);
    i18next.addResourceBundle("zh-CN", "translation", zhCN.default, true);
  }
}
