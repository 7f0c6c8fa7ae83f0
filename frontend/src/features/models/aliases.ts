// Names that stand for models: what is wrong with one, before the program is asked.
import type { Alias, Model } from "@/api/types";

/** What is wrong with an alias, by the field it belongs to. */
export interface AliasProblem {
  field: "name" | "models";
  why: "noName" | "blanks" | "twice" | "isModel" | "noModels" | "itself" | "circle";
}

/** Says whether one name leads to another by way of aliases. */
function leadsTo(from: string, to: string, aliases: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const look = (name: string): boolean => {
    if (name === to) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return (aliases.get(name) ?? []).some(look);
  };
  return look(from);
}

/** The first thing that is wrong with an alias beside the others; undefined is nothing. */
export function problemOf(
  { name, models }: Alias,
  others: readonly Alias[],
  known: readonly Pick<Model, "id">[],
): AliasProblem | undefined {
  const named = (why: AliasProblem["why"]) => ({ field: "name", why }) as const;
  if (name === "") return named("noName");
  if (name.trim() !== name) return named("blanks");
  if (others.some((other) => other.name === name)) return named("twice");
  if (known.some(({ id }) => id === name)) return named("isModel");
  if (models.length === 0) return { field: "models", why: "noModels" };
  if (models.includes(name)) return { field: "models", why: "itself" };
  const byName = new Map(others.map((other) => [other.name, other.models]));
  if (models.some((model) => leadsTo(model, name, byName))) return { field: "models", why: "circle" };
  return undefined;
}

/** The list with one of its elements at the place of another; the same list when nothing moves. */
export function movedTo<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const one = list[from];
  if (from === to || to < 0 || to >= list.length || one === undefined) return list;
  return list.toSpliced(from, 1).toSpliced(to, 0, one);
}
