import type { Model } from "@/api/types";

/** The names to choose from: favourites first, hidden ones not at all. */
export function namesOf(models: readonly Model[]): string[] {
  return models
    .filter(({ hidden }) => !hidden)
    .sort((a, b) => Number(b.favourite) - Number(a.favourite))
    .map(({ id }) => id);
}
