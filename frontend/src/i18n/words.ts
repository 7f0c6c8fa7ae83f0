// The words of what is not on the first page: they are loaded when they are
// needed first, both languages at once, so that the page can be switched.
import i18next from "i18next";

/** Makes all of t() work; wait for it before what says these words is drawn, and call after startI18n. */
export async function loadWords(): Promise<void> {
  const { en, zhCN } = await import("./later");
  i18next.addResourceBundle("en", "translation", en, true);
  i18next.addResourceBundle("zh-CN", "translation", zhCN, true);
}
