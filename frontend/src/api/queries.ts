// The server state that more than one page shows, under hierarchical keys.
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type ExchangeFilter } from "./client";
import { advance, type RunningExchange } from "./running";
import type { SettingsPatch } from "./types";

export const keys = {
  status: ["status"] as const,
  settings: ["settings"] as const,
  keys: ["keys"] as const,
  models: ["models"] as const,
  accounts: ["accounts"] as const,
  providers: ["providers"] as const,
  network: ["network"] as const,
  routing: ["routing"] as const,
  figures: ["figures"] as const,
  prices: ["prices"] as const,
  restore: ["restore"] as const,
  signIns: ["signIns"] as const,
  signIn: (id: string) => ["signIns", id] as const,
  exchanges: ["exchanges"] as const,
  running: ["exchanges", "running"] as const,
  recent: ["exchanges", "recent"] as const,
  logs: ["exchanges", "log"] as const,
  log: (filter: ExchangeFilter) => ["exchanges", "log", filter] as const,
  choices: ["exchanges", "choices"] as const,
  logSize: ["exchanges", "size"] as const,
  details: ["exchanges", "detail"] as const,
  detail: (id: number) => ["exchanges", "detail", id] as const,
};

const statusQuery = queryOptions({ queryKey: keys.status, queryFn: ({ signal }) => api.status(signal) });

export function useStatus() {
  return useQuery(statusQuery);
}

export function useSettings() {
  return useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => api.settings(signal) });
}

export function useModels() {
  return useQuery({
    queryKey: keys.models,
    queryFn: ({ signal }) => api.models(signal),
  });
}

/** The exchanges that run now; the events keep it up to date. */
export function useRunning() {
  return useQuery({
    queryKey: keys.running,
    queryFn: async ({ client, signal }) => {
      const { exchanges } = await api.runningExchanges(signal);
      return advance(client.getQueryData<RunningExchange[]>(keys.running), exchanges, performance.now());
    },
  });
}

/** Starts and stops the listener. */
export function useSetListener() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.setListener,
    onSettled: () => client.invalidateQueries({ queryKey: keys.status }),
  });
}

/** Changes some of the settings. */
export function useChangeSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: SettingsPatch) => api.changeSettings(change),
    onSuccess: (settings) => {
      client.setQueryData(keys.settings, settings);
      return client.invalidateQueries({ queryKey: keys.status });
    },
  });
}

/** Deletes all that the log has. */
export function useWipe() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.wipeExchanges,
    onSuccess: () => client.resetQueries({ queryKey: keys.exchanges }),
  });
}
