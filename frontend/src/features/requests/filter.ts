// What of the log is shown, as the page's address says it.
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { allExchanges, statusClasses, timeSpans, type ExchangeFilter } from "@/api/client";
import type { RunningExchange } from "@/api/running";
import type { Row } from "./columns";

/** What the filter menu chooses, in its order. */
export const filterFields = ["provider", "account", "model", "client", "key", "since"] as const;
export type FilterField = (typeof filterFields)[number];

/** The parameters that select everything. */
export const everything: Readonly<Record<keyof ExchangeFilter, string>> = allExchanges;

/** The filter that the address names. */
export function useFilter(): ExchangeFilter {
  const [params] = useSearchParams();
  const text = params.toString();
  return useMemo(() => {
    const now = new URLSearchParams(text);
    const of = (name: string) => now.get(name) ?? "";
    const account = of("account");
    return {
      class: statusClasses.find((known) => known === of("class")) ?? "",
      text: of("text"),
      provider: of("provider"),
      account: /^\d{1,15}$/.test(account) ? account : "",
      model: of("model"),
      client: of("client"),
      key: of("key"),
      since: timeSpans.find((known) => known === of("since")) ?? "",
    };
  }, [text]);
}

/** The words and the phrases in quotes of a search, as the server splits them. */
export function termsOf(text: string): string[] {
  return [...text.toLowerCase().matchAll(/["“”]([^"”]*)["”]?|[^\s"“”]+/g)]
    .map(([whole, phrase]) => (phrase ?? whole).trim())
    .filter((term) => term !== "");
}

function matches({ asked, served, client, account, error }: Row, terms: readonly string[]): boolean {
  const words = [asked, served, client, account, error].map((word) => word.toLowerCase());
  return terms.every((term) => words.some((word) => word.includes(term)));
}

/** The running exchanges that a filter shows: they have no status class yet. */
export function visibleRunning(
  running: readonly RunningExchange[],
  filter: ExchangeFilter,
): readonly RunningExchange[] {
  if (filter.class !== "") return [];
  const { provider, account, model, client, key } = filter;
  const terms = termsOf(filter.text);
  return running.filter(
    (row) =>
      (!provider || row.provider === provider) &&
      (!account || String(row.accountId) === account) &&
      (!model || row.asked === model || row.served === model) &&
      (!client || row.client === client) &&
      (!key || row.key === key) &&
      matches(row, terms),
  );
}
