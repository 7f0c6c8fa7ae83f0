// The words of the admin API, as backend/control says them.

export type ListenerState = "running" | "stopped" | "failed";

export interface Listener {
  state: ListenerState;
  address: string;
  baseUrl: string;
  error: string;
  freePort: number;
  since?: string;
  running: number;
}

export interface Figures {
  requests: number;
  errors: number;
  tokensIn: number;
  tokensOut: number;
  firstTokenMs?: number;
  ownMs?: number;
}

export interface Status {
  version: string;
  listener: Listener;
  accounts: { total: number; ready: number };
  today: Figures;
  demo: boolean;
  keyRequired: boolean;
  keyId: number;
  keyMasked: string;
  secretStore: "keyring" | "file";
  edition: "window" | "web";
  configProblem: string;
  configPath: string;
  dataPath: string;
}

export interface Exchange {
  id: number;
  start: string;
  client: string;
  key: string;
  dialect: string;
  path: string;
  stream: boolean;
  asked: string;
  served: string;
  provider: string;
  account: string;
  accountId: number;
  lane: "" | "carried" | "translated";
  running: boolean;
  status: number;
  errorKind: string;
  error: string;
  finish: string;
  tokensIn?: number;
  tokensOut?: number;
  tokensCached?: number;
  tokensReasoning?: number;
  firstTokenMs?: number;
  durationMs: number;
  ownMs: number;
  bytesIn: number;
  bytesOut: number;
  attemptCount: number;
}

export interface ExchangePage {
  exchanges: Exchange[];
  next: number;
  total: number;
}

export interface Attempt {
  provider: string;
  account: string;
  model: string;
  reason: string;
  startMs: number;
  headerMs: number;
  durationMs: number;
  status: number;
  errorKind: string;
  error: string;
}

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export interface ExchangeBody {
  request: string;
  requestCut: boolean;
  response: string;
  responseCut: boolean;
  text: string;
  thought: string;
  calls: ToolCall[];
}

export type BodyPolicy = "off" | "errors" | "all";

export interface ExchangeDetail extends Exchange {
  attempts: Attempt[];
  notes: string[];
  body?: ExchangeBody;
  bodyPolicy: BodyPolicy;
}

export interface Settings {
  host: string;
  port: number;
  requireKey: boolean;
  allowedOrigins: string[];
  allowedHosts: string[];
  maxBodyMB: number;
  language: "system" | "en" | "zh-CN";
  theme: "system" | "light" | "dark";
  closing: "tray" | "quit";
  startListener: boolean;
  startHidden: boolean;
  keepBodies: BodyPolicy;
  bodyLimitKB: number;
  days: number;
  maxMB: number;
  defaultModel: string;
  attempts: number;
  demo: boolean;
}

export interface Key {
  id: number;
  name: string;
  masked: string;
}

export interface CreatedKey extends Key {
  key: string;
}

export interface Model {
  id: string;
  ownedBy: string;
  provider: string;
  account: string;
  contextTokens: number;
  outputTokens: number;
}
