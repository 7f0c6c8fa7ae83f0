// The order of the accounts, which is the order in which they take turns.
import { isBuiltIn } from "@/api/accounts";
import type { Account } from "@/api/types";

/** Says whether an account has a place of its own: what stands in another program's file has not. */
export function isMovable(account: Account): boolean {
  return !account.original && !isBuiltIn(account);
}

/** The accounts with one of them at the place of another; undefined when nothing moves. */
export function movedTo(accounts: readonly Account[], id: number, over: number): Account[] | undefined {
  const from = accounts.findIndex((account) => account.id === id);
  const to = accounts.findIndex((account) => account.id === over);
  const moved = accounts[from];
  if (from === to || to < 0 || !moved) return undefined;
  return accounts.toSpliced(from, 1).toSpliced(to, 0, moved);
}

/** The account that is next to one among those shown of its provider; undefined at the end. */
export function neighbour(shown: readonly Account[], id: number, step: -1 | 1): Account | undefined {
  const account = shown.find((one) => one.id === id);
  const group = shown.filter((one) => one.provider === account?.provider && isMovable(one));
  return group[group.findIndex((one) => one.id === id) + step];
}

/** The place of an account among those of its provider, from 1. */
export function placeOf(accounts: readonly Account[], id: number) {
  const account = accounts.find((one) => one.id === id);
  const group = accounts.filter((one) => one.provider === account?.provider && isMovable(one));
  return {
    name: account?.name ?? "",
    place: group.findIndex((one) => one.id === id) + 1,
    total: group.length,
  };
}
