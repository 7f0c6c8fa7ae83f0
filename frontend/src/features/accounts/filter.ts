// Which accounts are shown, and in which order: grouped by provider, as the
// program lists them.
import { stateOf, type AccountState } from "@/api/standing";
import type { Account, Provider } from "@/api/types";
import { isMovable } from "./order";

/** What is shown; "" is all. */
export interface AccountFilter {
  state: AccountState | "";
  text: string;
}

/** A line of the list: a provider's heading, or one of its accounts. */
export type Item =
  | { kind: "group"; provider: string; total: number; ready: number }
  /** up and down say that there is another of its provider to change places with. */
  | { kind: "account"; account: Account; up: boolean; down: boolean };

/** How many accounts are in each state that occurs. */
export function countStates(accounts: readonly Account[], now: number): ReadonlyMap<AccountState, number> {
  const counts = new Map<AccountState, number>();
  for (const account of accounts) {
    const state = stateOf(account, now);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

/** The accounts that a filter lets through; words gives all that can be searched for. */
export function selectAccounts(
  accounts: readonly Account[],
  { state, text }: AccountFilter,
  now: number,
  words: (account: Account) => readonly string[],
): Account[] {
  const wanted = text.toLowerCase();
  return accounts.filter(
    (account) =>
      (state === "" || stateOf(account, now) === state) &&
      (wanted === "" || words(account).some((word) => word.toLowerCase().includes(wanted))),
  );
}

/** The lines of the list: the providers in their own order, those unknown to this program last. */
export function groupAccounts(
  accounts: readonly Account[],
  providers: readonly Pick<Provider, "kind">[],
  now: number,
): Item[] {
  const groups = new Map<string, Account[]>(providers.map(({ kind }) => [kind, []]));
  for (const account of accounts) {
    const group = groups.get(account.provider);
    if (group) group.push(account);
    else groups.set(account.provider, [account]);
  }
  return [...groups].flatMap(([provider, members]): Item[] => {
    if (members.length === 0) return [];
    const ready = members.filter((account) => stateOf(account, now) === "ready").length;
    const movable = members.filter(isMovable);
    return [
      { kind: "group", provider, total: members.length, ready },
      ...members.map((account): Item => {
        const place = movable.indexOf(account);
        return { kind: "account", account, up: place > 0, down: place >= 0 && place < movable.length - 1 };
      }),
    ];
  });
}
