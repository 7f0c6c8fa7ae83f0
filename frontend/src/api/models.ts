// Models and the names that stand for them, at the admin API.
import { call } from "./client";
import type { Alias, AliasList, ModelsPatch, Trial } from "./types";

export const modelApi = {
  change: (patch: ModelsPatch) => call<undefined>("PATCH", "/models", patch),
  refresh: () => call<undefined>("POST", "/models/refresh"),
  test: (model: string) => call<Trial>("POST", "/models/test", { model }),
  aliases: async (signal?: AbortSignal) =>
    (await call<AliasList>("GET", "/aliases", undefined, signal)).aliases,
  setAliases: async (aliases: readonly Alias[]) =>
    (await call<AliasList>("PUT", "/aliases", { aliases })).aliases,
};
