// How an account stands: what its service said when it was asked, joined with
// what the program holds against it now.
import type { Account, AccountStanding, ModelStanding, Rest } from "./types";

/** The one state that an account is shown in. */
export type AccountState = Account["state"] | "resting" | "trying" | "paced";

/** The states in the order of the filter. */
export const accountStates = [
  "ready",
  "resting",
  "trying",
  "paced",
  "checking",
  "signIn",
  "refused",
  "unreachable",
  "off",
] as const satisfies readonly AccountState[];

/** How each state looks; every look has a shape of its own. */
export const looks = {
  ready: "ok",
  resting: "resting",
  trying: "trying",
  paced: "paced",
  checking: "running",
  signIn: "locked",
  refused: "failed",
  unreachable: "lost",
  off: "canceled",
} as const satisfies Record<AccountState, string>;

/** Says whether a rest still lasts; one without an end does until somebody ends it. */
export function lasts(rest: Rest | undefined, now: number): rest is Rest {
  return rest !== undefined && (rest.until === undefined || new Date(rest.until).getTime() > now);
}

/** What an account, or one of its models, is good for: a rest whose end has passed is tried next. */
export function standingAt(standing: AccountStanding | ModelStanding, now: number): ModelStanding["state"] {
  const { state, rest, freeAt } = standing;
  if (state === "resting" && rest && !lasts(rest, now)) return "trying";
  if (state === "paced" && freeAt !== undefined && new Date(freeAt).getTime() <= now) return "ready";
  return state;
}

/** The state of an account. What only a person can mend goes before what passes by itself. */
export function stateOf(account: Pick<Account, "state" | "standing">, now: number): AccountState {
  const { state, standing } = account;
  if (state !== "ready") return state;
  const at = standingAt(standing, now);
  // The service refused it in a request: waiting mends nothing.
  if (at === "resting" && standing.rest?.source === "refused") {
    return standing.rest.kind === "auth" ? "signIn" : "refused";
  }
  return at;
}

/** The rest of an account as a whole that lasts; undefined is none. */
export function restOf({ state, standing }: Pick<Account, "state" | "standing">, now: number) {
  if (state === "off" || standing.state !== "resting") return undefined;
  return lasts(standing.rest, now) ? standing.rest : undefined;
}

/** The models of an account that rest, or are over their own pace, while others of it may be asked. */
export function restingModels(account: Pick<Account, "state" | "standing">, now: number): ModelStanding[] {
  if (account.state === "off" || restOf(account, now)) return [];
  return account.standing.models.filter((model) => {
    const at = standingAt(model, now);
    return at === "paced" || (at === "resting" && lasts(model.rest, now));
  });
}

/** Every moment at which the state of one of the accounts changes by itself. */
export function turningPoints(accounts: readonly Pick<Account, "standing">[]): number[] {
  return accounts
    .flatMap(({ standing }) => [standing, ...standing.models])
    .flatMap(({ rest, freeAt }) => [rest?.until, freeAt])
    .flatMap((moment) => (moment === undefined ? [] : [new Date(moment).getTime()]));
}
