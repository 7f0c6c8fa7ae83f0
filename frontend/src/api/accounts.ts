// Accounts at the admin API, and what their states mean to a person.
import { call } from "./client";
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

/** How each state looks; every look has a shape of its own. */
export const standings = {
  ready: "ok",
  checking: "running",
  signIn: "locked",
  refused: "failed",
  unreachable: "lost",
  off: "canceled",
} as const satisfies Record<Account["state"], string>;

/** Says whether a person has to do something before the account takes requests. */
export function needsYou({ state }: Pick<Account, "state">): boolean {
  return state === "signIn" || state === "refused" || state === "unreachable";
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
  account: Pick<Account, "state" | "masked">,
  way: Way | undefined,
): Account["state"] | "key" {
  return account.state === "signIn" && hasKey(way, account) ? "key" : account.state;
}

/** Says whether it is the program's own, as Demo: it is switched in the settings. */
export function isBuiltIn({ id, original }: Pick<Account, "id" | "original">): boolean {
  return id < 0 && !original;
}

/** What a person can do about an account that is not ready, the most helpful first. */
export type AccountAction = "signIn" | "key" | "test" | "enable" | "import";

export function actionsFor(account: Account, way: Way | undefined): AccountAction[] {
  if (isBuiltIn(account)) return needsYou(account) ? ["test"] : [];
  const renew: AccountAction = account.original ? "import" : hasKey(way, account) ? "key" : "signIn";
  switch (account.state) {
    case "ready":
    case "checking":
      return [];
    case "signIn":
      return [renew];
    case "refused":
      return renew === "key" ? ["key", "test"] : ["test", renew];
    case "unreachable":
      return ["test"];
    case "off":
      return account.original ? [] : ["enable"];
  }
}
