// What the dialog of an account has typed into it, and what of it is sent.
import type { Account, AccountPatch, Field, Pace } from "@/api/types";
import { changedSettings, type Settings } from "../settings";

/** The bounds of a pace, in the order of their columns. */
export const bounds = ["requestsPerMinute", "requestsPerDay", "tokensPerMinute", "maxInFlight"] as const;
export type Bound = (typeof bounds)[number];

/** A pace as it is typed: "" is no bound. */
export type PaceDraft = Record<Bound, string>;

export interface ModelPaceDraft {
  /** Tells the lines apart while their names are typed. */
  key: number;
  model: string;
  pace: PaceDraft;
}

/** How the proxy of an account is chosen: as all have it, or one of its own. */
export const proxyKinds = ["", "system", "direct", "own"] as const;
export type ProxyKind = (typeof proxyKinds)[number];

export interface Draft {
  name: string;
  prefix: string;
  models: string[];
  settings: Settings;
  weight: string;
  priority: string;
  paceDefault: boolean;
  pace: PaceDraft;
  modelPace: ModelPaceDraft[];
  proxyKind: ProxyKind;
  /** The address, while proxyKind is own. */
  proxy: string;
  caFile: string;
}

/** No bound at all. */
export const noPace: PaceDraft = {
  requestsPerMinute: "",
  requestsPerDay: "",
  tokensPerMinute: "",
  maxInFlight: "",
};

function typedPace(pace: Pace): PaceDraft {
  const typed = { ...noPace };
  for (const bound of bounds) if (pace[bound]) typed[bound] = String(pace[bound]);
  return typed;
}

function kindOf(proxy: string): ProxyKind {
  return proxy === "" || proxy === "system" || proxy === "direct" ? proxy : "own";
}

/** What the dialog starts with. */
export function draftOf(account: Account, settings: Settings): Draft {
  const proxy = account.network.proxy ?? "";
  return {
    name: account.name,
    prefix: account.prefix,
    models: account.listed,
    settings,
    weight: String(account.weight),
    priority: String(account.priority),
    paceDefault: account.paceDefault,
    pace: typedPace(account.pace),
    modelPace: Object.entries(account.modelPace).map(([model, pace], key) => ({
      key,
      model,
      pace: typedPace(pace),
    })),
    proxyKind: kindOf(proxy),
    proxy: kindOf(proxy) === "own" ? proxy : "",
    caFile: account.network.caFile ?? "",
  };
}

function paceOf(typed: PaceDraft): Pace {
  return Object.fromEntries(bounds.map((bound) => [bound, Number(typed[bound])]));
}

/** The network that is typed, as the program takes it. */
export function networkOf({ proxyKind, proxy, caFile }: Draft) {
  return { proxy: proxyKind === "own" ? proxy.trim() : proxyKind, caFile: caFile.trim() };
}

const wholeNumber = /^\d{0,9}$/;
const signedNumber = /^-?\d{1,9}$/;

/** Which fields hold no number, or nothing where something is needed; the name is that of the program's own messages. */
export function wrongFields(draft: Draft): { name: string; why: "required" | "number" }[] {
  const wrong: { name: string; why: "required" | "number" }[] = [];
  const check = (name: string, good: boolean, why: "required" | "number" = "number") => {
    if (!good) wrong.push({ name, why });
  };
  check("weight", /^\d{1,9}$/.test(draft.weight));
  check("priority", signedNumber.test(draft.priority));
  if (!draft.paceDefault) {
    for (const bound of bounds) check(`pace.${bound}`, wholeNumber.test(draft.pace[bound]));
  }
  for (const { key, model, pace } of draft.modelPace) {
    check(`model.${key}`, model.trim() !== "", "required");
    for (const bound of bounds) check(`model.${key}.${bound}`, wholeNumber.test(pace[bound]));
  }
  check("network.proxy", draft.proxyKind !== "own" || draft.proxy.trim() !== "", "required");
  return wrong;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function paces(draft: Draft) {
  return Object.fromEntries(draft.modelPace.map(({ model, pace }) => [model.trim(), paceOf(pace)]));
}

/** What was changed, and nothing else. */
export function patchOf(before: Draft, now: Draft): AccountPatch {
  const changed = changedSettings(before.settings, now.settings);
  const pace: AccountPatch = now.paceDefault ? { paceDefault: true } : { pace: paceOf(now.pace) };
  return {
    ...(now.name.trim() === before.name ? {} : { name: now.name.trim() }),
    ...(now.prefix.trim() === before.prefix ? {} : { prefix: now.prefix.trim() }),
    ...(same(now.models, before.models) ? {} : { models: now.models }),
    ...(Object.keys(changed).length > 0 ? { settings: changed } : {}),
    ...(now.weight === before.weight ? {} : { weight: Number(now.weight) }),
    ...(now.priority === before.priority ? {} : { priority: Number(now.priority) }),
    ...(now.paceDefault === before.paceDefault && (now.paceDefault || same(now.pace, before.pace))
      ? {}
      : pace),
    ...(same(paces(now), paces(before)) ? {} : { modelPace: paces(now) }),
    ...(same(networkOf(now), networkOf(before)) ? {} : { network: networkOf(now) }),
  };
}

const tabs = ["general", "routing", "network"] as const;
export type Tab = (typeof tabs)[number];

/** The tab that an address names. */
export function tabNamed(name: string): Tab {
  return tabs.find((known) => known === name) ?? "general";
}

/** The tab that the field with this name is on. */
export function tabOf(name: string): Tab {
  if (/^(weight|priority|pace|model|modelPace)(\.|$)/.test(name)) return "routing";
  return name.startsWith("network") ? "network" : "general";
}

/** The names of all fields, as the program names them when it objects. */
export function fieldNames(fields: readonly Field[]): string[] {
  return [
    ...["name", "prefix", "models", "weight", "priority", "network.proxy", "network.caFile"],
    ...bounds.map((bound) => `pace.${bound}`),
    ...fields.map(({ key }) => key),
  ];
}
