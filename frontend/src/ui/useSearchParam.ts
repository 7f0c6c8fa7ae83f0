import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** Sets parameters of the address at once; "" removes one. Two calls in a row would undo each other. */
export function useSetSearchParams(): (changes: Readonly<Record<string, string>>) => void {
  const [, setParams] = useSearchParams();
  return useCallback(
    (changes) => {
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === "") after.delete(name);
            else after.set(name, value);
          }
          return after;
        },
        { replace: true },
      );
    },
    [setParams],
  );
}

/** One parameter of the address, and how to set it; "" removes it. */
export function useSearchParam(name: string): [string, (value: string) => void] {
  const [params] = useSearchParams();
  const setParams = useSetSearchParams();
  const set = useCallback(
    (value: string) => {
      setParams({ [name]: value });
    },
    [name, setParams],
  );
  return [params.get(name) ?? "", set];
}
