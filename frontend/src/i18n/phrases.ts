// The sentences of reasons and notes. The program writes them in English and
// says which they are; here they are said in Chinese.
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Phrase } from "@/api/types";
import type drawer from "./drawer.en.json";
import chinese from "./phrases.zh-CN.json";

// One that is missing does not compile.
const forms: Record<NonNullable<Phrase["id"]>, string> = chinese.forms;
const sources: Partial<Record<string, string>> = chinese.sources;

type Kind = keyof typeof drawer.drawer.kind;

/** The class of an error in a word or two; one that is not known is written as it came. */
export function kindWord(t: TFunction, kind: string): string {
  return t(`drawer.kind.${kind as Kind}`, { defaultValue: kind });
}

function valueOf(t: TFunction, name: string, value: string): string {
  if (name === "source") return sources[value] ?? value;
  return name === "kind" ? kindWord(t, value) : value;
}

function inChinese(t: TFunction, { id, text, values = {}, parts = [] }: Phrase): string {
  if (id === undefined) return text;
  const said = parts.map((part) => inChinese(t, part)).join("；");
  return forms[id].replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === "parts" ? said : valueOf(t, name, values[name] ?? ""),
  );
}

/** Says a sentence of the program in the language of the pages. */
export function usePhrase(): (phrase: Phrase) => string {
  const { t, i18n } = useTranslation();
  return (phrase) => (i18n.language.startsWith("zh") ? inChinese(t, phrase) : phrase.text);
}
