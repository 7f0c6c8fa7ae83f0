import { restingModels, restOf, stateOf, turningPoints } from "@/api/standing";
import type { Account } from "@/api/types";
import { useNowAfter } from "@/ui/clock";

/** How an account stands now, kept true when a rest ends by itself. */
export function useStanding(account: Account) {
  const now = useNowAfter(turningPoints([account]));
  return {
    state: stateOf(account, now),
    rest: restOf(account, now),
    models: restingModels(account, now),
    now,
  };
}
