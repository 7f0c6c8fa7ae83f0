// What the stand-in for the program is, and what it was asked.
import { HttpResponse } from "msw";
import type {
  Account,
  Alias,
  Exchange,
  ExchangeDetail,
  Find,
  Key,
  Model,
  NetworkResult,
  NetworkState,
  Provider,
  SignIn,
  SourceList,
} from "@/api/types";
import { freshProviders, signIn } from "./accounts";
import { apiKey, freshSettings, freshStatus, freshTrial, model } from "./samples";

/** What the stand-in is, and what it was asked. */
export const program = {
  status: freshStatus(),
  settings: freshSettings(),
  exchanges: [] as Exchange[],
  running: [] as Exchange[],
  details: new Map<number, ExchangeDetail>(),
  keys: [] as Key[],
  /** What was found of the machine's network, and what a test of it says. */
  system: { http: "", https: "", noProxy: [], source: "" } as NetworkState["system"],
  tested: { ok: true, said: "It works.", hops: [] } as NetworkResult,
  models: [] as Model[],
  aliases: [] as Alias[],
  /** What the next test of a model says. */
  trial: freshTrial(),
  providers: [] as Provider[],
  accounts: [] as Account[],
  /** The sign-in under way, and what the next one begins with. */
  signIn: signIn(),
  signInIs: {} as Partial<SignIn>,
  found: [] as SourceList["sources"],
  finds: [] as Find[],
  /** Every call that changes something: its method, path and body. */
  changes: [] as { method: string; path: string; body: unknown }[],
  /** The query of every reading of the log. */
  queries: [] as Record<string, string>[],
  reset() {
    this.status = freshStatus();
    this.settings = freshSettings();
    this.exchanges = [];
    this.running = [];
    this.details.clear();
    this.system = { http: "", https: "", noProxy: [], source: "" };
    this.tested = { ok: true, said: "It works.", hops: [] };
    this.keys = [apiKey(1)];
    this.models = [model("demo/chat")];
    this.aliases = [];
    this.trial = freshTrial();
    this.providers = freshProviders();
    this.accounts = [];
    this.signIn = signIn();
    this.signInIs = {};
    this.found = [];
    this.finds = [];
    this.changes = [];
    this.queries = [];
  },
};

/** Remembers a call that changes something, and answers its body. */
export async function record(request: Request): Promise<unknown> {
  const body: unknown = request.headers.get("Content-Type") ? await request.json() : undefined;
  program.changes.push({ method: request.method, path: new URL(request.url).pathname, body });
  return body;
}

/** A refusal as the program words it. */
export function problem(
  status: number,
  detail: string,
  errors: { location: string; message: string }[] = [],
) {
  return HttpResponse.json({ title: "Problem", status, detail, errors }, { status });
}
