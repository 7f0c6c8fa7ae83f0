// The words of the pages. English is the reference: its keys type t(), and a
// Chinese key that is missing does not compile.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type accounts from "./accounts.en.json";
import type care from "./care.en.json";
import type connect from "./connect.en.json";
import type drawer from "./drawer.en.json";
import en from "./en.json";
import type figures from "./figures.en.json";
import type firstRun from "./firstRun.en.json";
import type models from "./models.en.json";
import type network from "./network.en.json";
import type palette from "./palette.en.json";
import type playground from "./playground.en.json";
import type rest from "./rest.en.json";
import type settings from "./settings.en.json";
import type updates from "./updates.en.json";

type PluralOnlyInEnglish = `${string}_one`;

/** The shape that a translation must have; Chinese has no singular. */
export type Messages<T> = {
  [K in keyof T as K extends PluralOnlyInEnglish ? never : K]: T[K] extends string ? string : Messages<T[K]>;
};

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    // Words of pages that are loaded later are added to the others; see words.ts.
    resources: {
      translation: typeof en &
        typeof accounts &
        typeof care &
        typeof connect &
        typeof drawer &
        typeof figures &
        typeof firstRun &
        typeof models &
        typeof network &
        typeof palette &
        typeof playground &
        typeof rest &
        typeof settings &
        typeof updates;
    };
  }
}

export const languages = ["en", "zh-CN"] as const;
export type Language = (typeof languages)[number];

/** The language of the pages for a setting, "system" being the browser's. */
export function languageFor(setting: "system" | Language, preferred: readonly string[]): Language {
  if (setting !== "system") return setting;
  for (const tag of preferred) {
    if (tag.toLowerCase().startsWith("zh")) return "zh-CN";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

/** The words of a language. English is there from the start, another is loaded when it is wanted. */
async function wordsOf(language: Language): Promise<Messages<typeof en>> {
  if (language === "en") return en;
  const { default: words } = await import("./zh-CN.json");
  return words;
}

/** Makes t() work; call once, before the first render. */
export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: en }, [language]: { translation: await wordsOf(language) } },
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  });
  document.documentElement.lang = language;
}

/** Shows everything in another language from now on. */
export async function switchLanguage(language: Language): Promise<void> {
  document.documentElement.lang = language;
  if (i18next.language === language) return;
  i18next.addResourceBundle(language, "translation", await wordsOf(language), true);
  // Another language may have been asked for since.
  if (document.documentElement.lang !== language) return;
  await i18next.changeLanguage(language);
}
