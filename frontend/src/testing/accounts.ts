// Providers, accounts and sign-ins as tests start from them. The provider is an
// invented one: the pages must work for any.
import type { Account, Field, Find, Provider, SignIn, Way } from "@/api/types";

function text(en: string) {
  return { en, zh: `${en}（中文）` };
}

export function field(key: string, change: Partial<Field> = {}): Field {
  return {
    key,
    kind: "text",
    label: text(key),
    help: { en: "", zh: "" },
    required: false,
    default: "",
    choices: [],
    words: {},
    advanced: false,
    ...change,
  };
}

export function way(id: string, change: Partial<Way> = {}): Way {
  return {
    id,
    title: text(`Way ${id}`),
    help: text(`Help of ${id}`),
    notices: [],
    prefix: "",
    credential: "key",
    signIns: [],
    keyPage: "",
    fields: [],
    settings: {},
    instead: [],
    ...change,
  };
}

export function provider(kind: string, change: Partial<Provider> = {}): Provider {
  return { kind, title: text(`Service ${kind}`), prefix: kind, notices: [], ways: [], fields: [], ...change };
}

/** Two services: one with a sign-in, a key, a file and an ended way; one without any key. */
export function freshProviders(): Provider[] {
  return [
    provider("acme", {
      notices: [text("Acme sees your prompts.")],
      ways: [
        way("cli", {
          credential: "signIn",
          signIns: ["browser", "code"],
          notices: [text("Personal accounts may be refused.")],
          instead: [{ provider: "acme", way: "key" }],
        }),
        way("key", {
          keyPage: "https://acme.example/keys",
          fields: [
            field("baseUrl", { kind: "url", label: text("Address"), required: true }),
            field("region", { kind: "choice", label: text("Region"), choices: ["cn", "us"], default: "cn" }),
            field("cookie", { kind: "secret", label: text("Cookie"), advanced: true }),
            field("stream", { kind: "switch", label: text("Stream only"), advanced: true }),
          ],
          settings: { baseUrl: "https://api.acme.example/v1" },
        }),
        way("vertex", { credential: "file", fields: [field("project", { label: text("Project") })] }),
        way("old", {
          credential: "signIn",
          signIns: ["device"],
          ended: text("Ended on 2026-04-15."),
          instead: [{ provider: "acme", way: "key" }],
        }),
      ],
    }),
    provider("local", { ways: [way("lm", { credential: "optionalKey" })] }),
  ];
}

export function account(id: number, change: Partial<Account> = {}): Account {
  return {
    id,
    provider: "acme",
    way: "key",
    name: `Account ${id}`,
    prefix: "acme",
    enabled: true,
    original: false,
    identity: "",
    tier: "",
    state: "ready",
    reason: "",
    link: "",
    instead: [],
    hasSecret: true,
    masked: "ac-12…89",
    settings: { kind: "key" },
    secrets: [],
    listed: [],
    modelCount: 3,
    quotas: [],
    ...change,
  };
}

export function signIn(change: Partial<SignIn> = {}): SignIn {
  return {
    id: "s1",
    provider: "acme",
    way: "cli",
    method: "browser",
    state: "waiting",
    url: "https://acme.example/sign-in?state=1",
    userCode: "",
    paste: true,
    problem: "",
    tunnel: "ssh -L 8085:127.0.0.1:8085 ada@host",
    expires: new Date(Date.now() + 300_000).toISOString(),
    message: "",
    identity: "",
    accountId: 0,
    known: false,
    ...change,
  };
}

export function find(key: string, change: Partial<Find> = {}): Find {
  return {
    key,
    provider: "acme",
    way: "cli",
    name: key,
    identity: `${key}@acme.example`,
    state: "new",
    problem: "",
    ...change,
  };
}
