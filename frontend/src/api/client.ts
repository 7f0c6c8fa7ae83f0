// The only place that says fetch. Everything a person can do or see goes
// through the admin API under /api, in the desktop window as in a browser.
import type {
  CreatedKey,
  ExchangeChoices,
  ExchangeDetail,
  ExchangeList,
  ExchangePage,
  Key,
  KeyList,
  KeyPatch,
  KeySecret,
  Listener,
  ListenerChange,
  ModelList,
  Settings,
  SettingsPatch,
  Status,
} from "./types";

/** What went wrong with one call, as the server's problem document says it. */
export class ApiError extends Error {
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Messages by the field they belong to, in the names of what was sent, as "port" or "settings.baseUrl". */
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, message: string, fields: Record<string, string> = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
  }
}

interface Problem {
  title?: string;
  detail?: string;
  errors?: { message?: string; location?: string }[] | null;
}

async function problemOf(response: Response): Promise<ApiError> {
  let problem: Problem = {};
  try {
    problem = (await response.json()) as Problem;
  } catch {
    // A proxy in between may answer with something else than JSON.
  }
  const fields: Record<string, string> = {};
  for (const { location, message } of problem.errors ?? []) {
    // An entry of a list belongs to the list's field, one of a map to its own.
    const field = location?.replace(/^body\.?/, "").replace(/\[.*$/, "");
    if (field && message) fields[field] ??= message;
  }
  const first = Object.values(fields)[0];
  const message = problem.detail ?? problem.title ?? `HTTP ${response.status}`;
  return new ApiError(response.status, first && Object.keys(fields).length === 1 ? first : message, fields);
}

/** Makes lists of what Go writes as null: nothing else in our schema may be null. */
function filled(_name: string, value: unknown): unknown {
  return value === null ? [] : value;
}

/** Reads an answer of the admin API, or the data of one of its events. */
export function parse(json: string): unknown {
  return JSON.parse(json, filled);
}

/** Asks the admin API and gives its answer unread; throws an ApiError, or what aborted it. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  // No form of another page can set this header, so it proves that the call is ours.
  if ((init.method ?? "GET") !== "GET") headers.set("X-Requested-With", "openaicompatible");
  if (init.body && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      credentials: "same-origin",
      cache: "no-store",
      ...init,
      headers,
    });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(0, cause instanceof Error ? cause.message : String(cause));
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Reads a text that is part of the pages themselves; throws when they were built without it. */
export async function pageText(name: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(name, signal ? { signal } : {});
  if (!response.ok) throw new ApiError(response.status, response.statusText);
  return response.text();
}

/** Calls the admin API; throws an ApiError, or what aborted it. */
export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const init: RequestInit = { method };
  if (signal) init.signal = signal;
  // What is given up is given up although the page goes away.
  if (method === "DELETE") init.keepalive = true;
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await ask(path, init);
  if (response.status === 204) return undefined as T;
  return parse(await response.text()) as T;
}

/** The classes of statuses that the log can be asked for; "" is all. */
export const statusClasses = ["", "ok", "error", "4xx", "5xx", "canceled"] as const;

/** Which exchanges to list; an empty field selects all. */
export interface ExchangeFilter {
  class: (typeof statusClasses)[number];
  text: string;
  provider: string;
  /** The account's id. */
  account: string;
  model: string;
  client: string;
  /** The name of an API key. */
  key: string;
  /** How far back, counted from the moment of asking. */
  since: (typeof timeSpans)[number];
}

/** How far back the log can be asked for; "" is all. */
export const timeSpans = ["", "1h", "24h", "7d", "30d"] as const;

const hourMs = 3_600_000;
const spanMs = { "1h": hourMs, "24h": 24 * hourMs, "7d": 168 * hourMs, "30d": 720 * hourMs };

/** The filter that selects every exchange. */
export const allExchanges: ExchangeFilter = {
  class: "",
  text: "",
  provider: "",
  account: "",
  model: "",
  client: "",
  key: "",
  since: "",
};

/** A filter as the parameters of the admin API. */
export function filterQuery({ since, ...rest }: ExchangeFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) if (value) query.set(name, value);
  if (since) query.set("from", new Date(Date.now() - spanMs[since]).toISOString());
  return query;
}

function listQuery(filter: ExchangeFilter, before: number, limit: number): string {
  const query = filterQuery(filter);
  query.set("limit", String(limit));
  if (before > 0) query.set("before", String(before));
  return query.toString();
}

export const api = {
  status: (signal?: AbortSignal) => call<Status>("GET", "/status", undefined, signal),
  signIn: (token: string) => call<undefined>("POST", "/session", { token }),
  signOut: (everywhere: boolean) =>
    call<undefined>("DELETE", `/session${everywhere ? "?everywhere=true" : ""}`),
  setListener: (change: ListenerChange) => call<Listener>("POST", "/listener", change),

  exchanges: (filter: ExchangeFilter, before: number, limit: number, signal?: AbortSignal) =>
    call<ExchangePage>("GET", `/exchanges?${listQuery(filter, before, limit)}`, undefined, signal),
  exchangeChoices: (signal?: AbortSignal) =>
    call<ExchangeChoices>("GET", "/exchanges/choices", undefined, signal),
  runningExchanges: (signal?: AbortSignal) =>
    call<ExchangeList>("GET", "/exchanges/running", undefined, signal),
  exchange: (id: number, signal?: AbortSignal) =>
    call<ExchangeDetail>("GET", `/exchanges/${id}`, undefined, signal),
  /** Sends a request again, as a new one whose id is answered. */
  replayExchange: (id: number, model: string) =>
    call<{ id: number }>("POST", `/exchanges/${id}/replay`, { model }),
  wipeExchanges: () => call<undefined>("DELETE", "/exchanges"),

  settings: (signal?: AbortSignal) => call<Settings>("GET", "/settings", undefined, signal),
  changeSettings: (change: SettingsPatch) => call<Settings>("PATCH", "/settings", change),

  keys: async (signal?: AbortSignal) => (await call<KeyList>("GET", "/keys", undefined, signal)).keys,
  keySecret: async (id: number) => (await call<KeySecret>("GET", `/keys/${id}/secret`)).key,
  createKey: (name: string) => call<CreatedKey>("POST", "/keys", { name }),
  changeKey: ({ id, ...patch }: KeyPatch & { id: number }) => call<Key>("PATCH", `/keys/${id}`, patch),
  deleteKey: (id: number) => call<undefined>("DELETE", `/keys/${id}`),

  models: async (signal?: AbortSignal) => (await call<ModelList>("GET", "/models", undefined, signal)).models,
};
