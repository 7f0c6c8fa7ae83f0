// What a way's form asks for, and what of it is sent.
import type { Field, Provider, Way } from "@/api/types";

export type Settings = Readonly<Record<string, string>>;

/** The fields of a way's form: its own, then those that every way of the provider has. */
export function fieldsOf(provider: Provider, way: Way): Field[] {
  const own = new Set(way.fields.map(({ key }) => key));
  return [...way.fields, ...provider.fields.filter(({ key }) => !own.has(key))];
}

/** What the form starts with: what is set, else the way's value, else the field's default. */
export function initialSettings(fields: readonly Field[], way: Way, set: Settings = {}): Settings {
  return Object.fromEntries(
    fields.map((field) => [field.key, set[field.key] ?? way.settings[field.key] ?? field.default]),
  );
}

/** What was changed: the rest keeps following its default. */
export function changedSettings(initial: Settings, now: Settings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(now)
      .map(([key, value]) => [key, value.trim()] as const)
      .filter(([key, value]) => value !== initial[key]),
  );
}

/** The fields that are required and empty; kept are the secrets that are there already. */
export function missingFields(
  fields: readonly Field[],
  now: Settings,
  kept: readonly string[] = [],
): string[] {
  return fields
    .filter(({ required, key }) => required && !kept.includes(key))
    .filter(({ key }) => (now[key] ?? "").trim() === "")
    .map(({ key }) => key);
}
