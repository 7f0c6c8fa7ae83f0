import type { Quota } from "@/api/types";

/** The part of a budget that is left, 0 to 1; undefined is unknown. */
export function quotaShare({ remaining, left, limit }: Quota): number | undefined {
  if (remaining !== undefined) return Math.min(1, Math.max(0, remaining));
  if (left === undefined || !limit) return undefined;
  return Math.min(1, Math.max(0, left / limit));
}

/** The budgets in the order in which they run out; those unknown last. */
export function scarceFirst(quotas: readonly Quota[]): Quota[] {
  return quotas.toSorted((a, b) => (quotaShare(a) ?? 2) - (quotaShare(b) ?? 2));
}
