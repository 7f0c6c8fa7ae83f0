// Texts that the program brings along in both languages, as about services.
import { useTranslation } from "react-i18next";

interface Bilingual {
  en: string;
  zh: string;
}

/** Picks the language of a bilingual text; one that was not translated is shown as it is. */
export function useText(): (text: Bilingual | undefined) => string {
  const { language } = useTranslation().i18n;
  return (text) => {
    if (!text) return "";
    return language.startsWith("zh") ? text.zh || text.en : text.en || text.zh;
  };
}
