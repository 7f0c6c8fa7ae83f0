// Things of the admin API as tests start from them.
import type { Exchange, ExchangeDetail, Key, Model, Settings, Status, Trial } from "@/api/types";

export function exchange(id: number, change: Partial<Exchange> = {}): Exchange {
  return {
    id,
    start: "2026-03-01T09:30:00Z",
    client: "continue",
    key: "default",
    dialect: "openai-chat",
    path: "/v1/chat/completions",
    stream: true,
    asked: "demo/chat",
    served: "chat",
    provider: "demo",
    account: "Demo",
    accountId: 1,
    lane: "carried",
    running: false,
    status: 200,
    errorKind: "",
    error: "",
    finish: "stop",
    tokensIn: 21,
    tokensOut: 158,
    tokensCached: 4,
    firstTokenMs: 120,
    durationMs: 1500,
    ownMs: 0.4,
    bytesIn: 90,
    bytesOut: 900,
    attemptCount: 1,
    ...change,
  };
}

export function detail(id: number, change: Partial<ExchangeDetail> = {}): ExchangeDetail {
  return {
    ...exchange(id),
    attempts: [
      {
        provider: "demo",
        account: "Demo",
        model: "chat",
        reason: "the only account",
        startMs: 0.4,
        headerMs: 50,
        durationMs: 1499,
        status: 200,
        errorKind: "",
        error: "",
        why: { text: "the only account", id: "only" },
        others: [],
      },
    ],
    notes: [],
    remarks: [],
    bodyPolicy: "errors",
    queueMs: 0,
    ...change,
  };
}

export function freshStatus(): Status {
  return {
    version: "1.2.3",
    listener: {
      state: "running",
      address: "127.0.0.1:8080",
      baseUrl: "http://127.0.0.1:8080/v1",
      error: "",
      freePort: 0,
      since: "2026-03-01T09:00:00Z",
      running: 0,
    },
    accounts: { total: 2, ready: 1, resting: 0, signIn: 0 },
    today: { requests: 8, errors: 2, tokensIn: 1200, tokensOut: 34000, firstTokenMs: 310, ownMs: 0.2 },
    demo: true,
    keyRequired: true,
    keyId: 1,
    keyMasked: "sk-oac-ab…yz",
    secretStore: "file",
    edition: "window",
    configProblem: "",
    warnings: [],
    configPath: "/home/ada/.config/openaicompatible/config.json",
    dataPath: "/home/ada/.local/share/openaicompatible",
  };
}

export function freshSettings(): Settings {
  return {
    host: "127.0.0.1",
    port: 8080,
    requireKey: true,
    allowedOrigins: [],
    allowedHosts: [],
    maxBodyMB: 64,
    language: "en",
    theme: "light",
    closing: "tray",
    startListener: true,
    startHidden: false,
    firstRunDone: true,
    keepBodies: "errors",
    bodyLimitKB: 256,
    days: 30,
    maxMB: 500,
    defaultModel: "",
    attempts: 3,
    demo: true,
    updateCheck: "off",
    otlpEndpoint: "",
    policy: "round_robin",
    sticky: true,
    queueLength: 64,
    queueWaitMs: 20_000,
    maxRestMinutes: 30,
    explain: false,
    maxRunning: 0,
    requestsPerMinute: 0,
    proxy: "system",
    noProxy: [],
    caFile: "",
    connectTimeoutMs: 10_000,
    firstByteTimeoutMs: 120_000,
    idleTimeoutMs: 300_000,
    keepAliveMs: 15_000,
    ollamaOpen: false,
    ollamaPort: 0,
    protocolsOff: [],
  };
}

export function apiKey(id: number, change: Partial<Key> = {}): Key {
  return {
    id,
    name: "default",
    masked: "sk-oac-ab…yz",
    enabled: true,
    models: [],
    requestsPerMinute: 0,
    requestsPerDay: 0,
    tokensPerMinute: 0,
    maxRunning: 0,
    profile: "",
    ...change,
  };
}

export function model(id: string, change: Partial<Model> = {}): Model {
  const prefix = id.slice(0, Math.max(0, id.indexOf("/")));
  return {
    id,
    prefix,
    ownedBy: prefix,
    provider: prefix,
    contextTokens: 0,
    outputTokens: 0,
    can: { tools: false, vision: false, reasoning: false, fim: false, embeddings: false },
    accountIds: [],
    hidden: false,
    favourite: false,
    ...change,
  };
}

export function freshTrial(): Trial {
  return {
    model: "",
    ok: true,
    said: "OK",
    status: 200,
    ms: 320,
    tokensIn: 9,
    tokensOut: 1,
    account: "Demo",
    requestId: 7,
  };
}
