import { useCallback } from "react";
import { useSearchParam, useSetSearchParams } from "@/ui/useSearchParam";

/** What is chosen to be compared: nothing, one that waits for another, or both. */
export type Chosen = readonly [] | readonly [number] | readonly [number, number];

/** The requests that a parameter of the address names; what is no number, or the same again, names none. */
export function chosenOf(text: string): Chosen {
  const ids = text.split(",").map(Number);
  const [a, b] = [...new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0))];
  if (a === undefined) return [];
  return b === undefined ? [a] : [a, b];
}

/** What is chosen after one was marked: again is not at all. */
export function marked(chosen: Chosen, id: number): Chosen {
  const [first] = chosen;
  if (first === id) return [];
  return first === undefined ? [id] : [first, id];
}

/** What the address says is compared, and how to mark a request; both together are shown, without a drawer. */
export function useCompared() {
  const [text] = useSearchParam("compare");
  const setParams = useSetSearchParams();
  const set = useCallback(
    (chosen: Chosen) => {
      setParams({ compare: chosen.join(","), ...(chosen.length === 2 && { request: "" }) });
    },
    [setParams],
  );
  return { chosen: chosenOf(text), set };
}
