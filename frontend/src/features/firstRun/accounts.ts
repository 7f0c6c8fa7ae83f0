import type { Status } from "@/api/types";

/** How many accounts a person has: the demo's is nobody's. */
export function ownAccounts({ accounts, demo }: Status): number {
  return Math.max(0, accounts.total - (demo ? 1 : 0));
}
