// Accounts at the admin API, and what their states mean to a person.
import { call } from "./client";
import type { AccountState } from "./standing";
import type {
  Account,
  AccountList,
  AccountPatch,
  Import,
  ImportChoice,
  Imported,
  ImportSource,
  NewAccount,
  NewSignIn,
  Provider,
  ProviderList,
  Reference,
  SignIn,
  SourceList,
  Way,
} from "./types";

export const accountApi = {
  providers: async (signal?: AbortSignal) =>
    (await call<ProviderList>("GET", "/providers", undefined, signal)).providers,
  list: async (signal?: AbortSignal) =>
    (await call<AccountList>("GET", "/accounts", undefined, signal)).accounts,
  add: (account: NewAccount) => call<Account>("POST", "/accounts", account),
  change: ({ id, ...patch }: AccountPatch & { id: number }) =>
    call<Account>("PATCH", `/accounts/${id}`, patch),
  remove: (id: number) => call<undefined>("DELETE", `/accounts/${id}`),
  test: (id: number) => call<Account>("POST", `/accounts/${id}/test`),
  /** Ends the rest of an account, or of one of its models. */
  retry: ({ id, model }: { id: number; model?: string }) =>
    call<Account>("POST", `/accounts/${id}/retry`, model === undefined ? {} : { model }),
  order: (ids: readonly number[]) => call<undefined>("PUT", "/accounts/order", { ids }),

  startSignIn: (signIn: NewSignIn) => call<SignIn>("POST", "/sign-ins", signIn),
  signIn: (id: string, signal?: AbortSignal) => call<SignIn>("GET", `/sign-ins/${id}`, undefined, signal),
  answerSignIn: ({ id, text }: { id: string; text: string }) =>
    call<SignIn>("POST", `/sign-ins/${id}/answer`, { text }),
  confirmSignIn: ({ id, name }: { id: string; name: string }) =>
    call<SignIn>("POST", `/sign-ins/${id}/confirm`, name === "" ? {} : { name }),
  cancelSignIn: (id: string) => call<undefined>("DELETE", `/sign-ins/${id}`),

  foundSources: async (signal?: AbortSignal) =>
    (await call<SourceList>("GET", "/imports/found", undefined, signal)).sources,
  previewImport: (source: ImportSource) => call<Import>("POST", "/imports/preview", source),
  import: (choice: ImportChoice) => call<Imported>("POST", "/imports", choice),
};

/** Says whether a person has to do something, or may want to, before the account takes requests. */
export function needsYou(state: AccountState): boolean {
  return state === "signIn" || state === "refused" || state === "unreachable" || state === "resting";
}

/** The way that a reference or an account names; undefined where this program has none such. */
export function findWay(
  providers: readonly Provider[] | undefined,
  { provider, way }: Reference,
): Way | undefined {
  return providers?.find(({ kind }) => kind === provider)?.ways.find(({ id }) => id === way);
}

/** Says whether the account's secret is a text that is pasted, not a sign-in. */
export function hasKey(way: Way | undefined, account: Pick<Account, "masked">): boolean {
  return way ? way.credential !== "signIn" && way.credential !== "none" : account.masked !== "";
}

/** The word for a state: where the secret is a key, there is nothing to sign in to. */
export function stateWord(
  state: AccountState,
  account: Pick<Account, "masked">,
  way: Way | undefined,
): AccountState | "key" {
  return state === "signIn" && hasKey(way, account) ? "key" : state;
}

/** Says whether it is the program's own, as Demo: it is switched in the settings. */
export function isBuiltIn({ id, original }: Pick<Account, "id" | "original">): boolean {
  return id < 0 && !original;
}

/** What a person can do about an account that is not ready, the most helpful first. */
export type AccountAction = "signIn" | "key" | "test" | "enable" | "import" | "retry";

/** What helps an account in a state; a rest without an end is ended by a test that goes well. */
export function actionsFor(account: Account, state: AccountState, way: Way | undefined): AccountAction[] {
  if (isBuiltIn(account)) return needsYou(state) ? ["test"] : [];
  const renew: AccountAction = account.original ? "import" : hasKey(way, account) ? "key" : "signIn";
  switch (state) {
    case "ready":
    case "checking":
    case "trying":
    case "paced":
      return [];
    case "resting":
      return ["retry"];
    case "signIn":
      // A test that goes well ends what was refused in a request.
      return account.standing.rest ? [renew, "test"] : [renew];
    case "refused":
      return renew === "key" ? ["key", "test"] : ["test", renew];
    case "unreachable":
      return ["test"];
    case "off":
      return account.original ? [] : ["enable"];
  }
}
