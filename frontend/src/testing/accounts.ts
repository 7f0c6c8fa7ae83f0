// Providers, accounts and sign-ins as tests start from them. The provider is an
// invented one: the pages must work for any.
import type {
  Account,
  AccountStanding,
  Field,
  Find,
  ModelStanding,
  Provider,
  Quota,
  Rest,
  SignIn,
  Way,
} from "@/api/types";

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

export function standing(change: Partial<AccountStanding> = {}): AccountStanding {
  return { state: "ready", inFlight: 0, minute: -1, day: -1, tokens: -1, models: [], ...change };
}

/** A moment to come. */
export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

/** A rest that lasts some seconds more, for too many requests, as the service said. */
export function rest(seconds: number, change: Partial<Rest> = {}): Rest {
  return {
    kind: "rate",
    said: "Slow down",
    source: "hint",
    since: inSeconds(-1),
    until: inSeconds(seconds),
    failures: 1,
    ...change,
  };
}

/** A model that rests, or stands otherwise. */
export function modelStanding(model: string, change: Partial<ModelStanding> = {}): ModelStanding {
  return { model, state: "resting", inFlight: 0, minute: -1, day: -1, tokens: -1, ...change };
}

export function quota(model: string, change: Partial<Quota> = {}): Quota {
  return { name: "", model, at: "2026-03-01T09:00:00Z", source: "provider", unit: "", ...change };
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
    standing: standing(),
    weight: 1,
    priority: 0,
    pace: {},
    paceDefault: true,
    modelPace: {},
    network: {},
    today: { requests: 0, failures: 0, tokensIn: 0, tokensOut: 0 },
    dots: Array.from({ length: 24 }, () => ({ requests: 0, failures: 0 })),
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
