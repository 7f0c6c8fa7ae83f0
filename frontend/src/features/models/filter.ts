// Which models are shown, and in which order: favourites first, hidden ones
// folded away at the end.
import { standingAt, stateOf, type AccountState } from "@/api/standing";
import type { Account, Model } from "@/api/types";

export const capabilities = ["tools", "vision", "reasoning", "fim", "embeddings"] as const;
export type Capability = (typeof capabilities)[number];

/** What is shown; "" is all. */
export interface ModelFilter {
  text: string;
  provider: string;
  can: Capability | "";
  /** The id of an account. */
  account: string;
  /** Hidden models are shown, not folded away. */
  hidden: boolean;
}

/** A line of the table: a model, or the fold of those that are hidden. */
export type Line = { kind: "model"; model: Model } | { kind: "fold"; count: number; open: boolean };

/** Says whether less than everything is shown. */
export function narrows({ text, provider, can, account }: ModelFilter): boolean {
  return [text, provider, can, account].some((part) => part !== "");
}

/** The service's own name of a model. */
export function bareName({ id, prefix }: Pick<Model, "id" | "prefix">): string {
  return prefix === "" ? id : id.slice(prefix.length + 1);
}

/** The models that a filter lets through. Every word of the text has to be somewhere. */
export function selectModels(models: readonly Model[], filter: ModelFilter): Model[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter(({ id, title = "", ownedBy, provider, can, accountIds }) => {
    if (filter.provider !== "" && provider !== filter.provider) return false;
    if (filter.can !== "" && !can[filter.can]) return false;
    if (filter.account !== "" && !accountIds.includes(Number(filter.account))) return false;
    const all = `${id} ${title} ${ownedBy}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** The lines of the table. */
export function linesOf(shown: readonly Model[], open: boolean): Line[] {
  const line = (model: Model): Line => ({ kind: "model", model });
  const visible = shown.filter(({ hidden }) => !hidden);
  const hidden = shown.filter((model) => model.hidden);
  return [
    ...visible.filter(({ favourite }) => favourite).map(line),
    ...visible.filter(({ favourite }) => !favourite).map(line),
    ...(hidden.length > 0 ? [{ kind: "fold", count: hidden.length, open } as const] : []),
    ...(open ? hidden.map(line) : []),
  ];
}

/** An account that serves a model, and how it stands for that one. */
export interface Server {
  account: Account;
  state: AccountState;
}

/** Who serves a model. */
export function serversOf(model: Model, accounts: ReadonlyMap<number, Account>, now: number): Server[] {
  const bare = bareName(model);
  return model.accountIds.flatMap((id) => {
    const account = accounts.get(id);
    if (!account) return [];
    const state = stateOf(account, now);
    const own = account.standing.models.find((one) => one.model === bare);
    return [{ account, state: state === "ready" && own ? standingAt(own, now) : state }];
  });
}

/** What the arrows do in the table: the index to go to; undefined when a key moves nothing. */
export function stepTo(key: string, from: number, count: number, page: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined || count === 0 ? undefined : Math.min(Math.max(to, 0), count - 1);
}
