// Which accounts are shown, and in which order: grouped by provider, as the
// program lists them.
import type { Account, Provider } from "@/api/types";

export type AccountState = Account["state"];

export const accountStates = [
  "ready",
  "checking",
  "signIn",
  "refused",
  "unreachable",
  "off",
] as const satisfies readonly AccountState[];

/** What is shown; "" is all. */
export interface AccountFilter {
  state: AccountState | "";
  text: string;
}

/** A line of the list: a provider's heading, or one of its accounts. */
export type Item =
  { kind: "group"; provider: string; total: number; ready: number } | { kind: "account"; account: Account };

export function countStates(accounts: readonly Account[]): Record<AccountState, number> {
  const counts = { ready: 0, checking: 0, signIn: 0, refused: 0, unreachable: 0, off: 0 };
  for (const { state } of accounts) counts[state]++;
  return counts;
}

/** The accounts that a filter lets through; words gives all that can be searched for. */
export function selectAccounts(
  accounts: readonly Account[],
  { state, text }: AccountFilter,
  words: (account: Account) => readonly string[],
): Account[] {
  const wanted = text.toLowerCase();
  return accounts.filter(
    (account) =>
      (state === "" || account.state === state) &&
      (wanted === "" || words(account).some((word) => word.toLowerCase().includes(wanted))),
  );
}

/** The lines of the list: the providers in their own order, those unknown to this program last. */
export function groupAccounts(
  accounts: readonly Account[],
  providers: readonly Pick<Provider, "kind">[],
): Item[] {
  const groups = new Map<string, Account[]>(providers.map(({ kind }) => [kind, []]));
  for (const account of accounts) {
    const group = groups.get(account.provider);
    if (group) group.push(account);
    else groups.set(account.provider, [account]);
  }
  return [...groups].flatMap(([provider, members]): Item[] => {
    if (members.length === 0) return [];
    const ready = members.filter(({ state }) => state === "ready").length;
    return [
      { kind: "group", provider, total: members.length, ready },
      ...members.map((account): Item => ({ kind: "account", account })),
    ];
  });
}
