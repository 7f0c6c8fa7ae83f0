// What is held against an account, in sentences.
import { useTranslation } from "react-i18next";
import type { Rest } from "@/api/types";
import { useFormat } from "./format";

const kinds = [
  "rate",
  "quota",
  "overloaded",
  "transient",
  "timeout",
  "network",
  "protocol",
  "not_found",
  "auth",
  "forbidden",
] as const;

/** Says of a rest why it is, until when and by whose word, and what the service said. */
export function useRestWords(): (rest: Rest) => string {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  return ({ kind, source, until, said }) => {
    const why = t(`rest.why.${kinds.find((known) => known === kind) ?? "other"}`);
    const end = t(`rest.until.${source}`, { time: until === undefined ? "" : format.due(until) });
    // A Chinese full stop brings its own space.
    const space = i18n.language.startsWith("zh") ? "" : " ";
    return [why, end, said === "" ? "" : t("rest.said", { said })].filter(Boolean).join(space);
  };
}
