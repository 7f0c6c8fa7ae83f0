// The tests of models: each is one real request.
import { useCallback, useState } from "react";
import { modelApi } from "@/api/models";
import type { Trial } from "@/api/types";

/** What came of a test, or that it goes on. */
export type TrialState = "running" | Trial;
export type Trials = ReadonlyMap<string, TrialState>;

function failed(model: string, error: unknown): Trial {
  const said = error instanceof Error ? error.message : String(error);
  return { model, ok: false, said, status: 0, ms: 0, account: "", requestId: 0 };
}

/** The tests since the page was opened, by model, and how to begin another. */
export function useTrials() {
  const [trials, setTrials] = useState<Trials>(new Map());
  const begin = useCallback((model: string) => {
    const put = (state: TrialState) => {
      setTrials((before) => new Map(before).set(model, state));
    };
    put("running");
    modelApi.test(model).then(put, (error: unknown) => {
      put(failed(model, error));
    });
  }, []);
  return { trials, begin };
}
