import { useQueryClient, type Query, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { subscribe, type ProgramEvent } from "@/api/events";
import { keys } from "@/api/queries";
import { advance, lingerMs, withoutGone, type RunningExchange } from "@/api/running";
import type { Exchange, ExchangeDetail } from "@/api/types";
import { throttle } from "./throttle";

/** Under load the log is written many times a second; nobody reads that fast. */
const logPauseMs = 400;
/** A thousand accounts that are checked at the start say so a thousand times. */
const accountsPauseMs = 250;
/** Every request changes the figures of an account, and nobody waits for them. */
const figuresPauseMs = 2000;

function mayChange(query: Query): boolean {
  const detail = query.state.data as ExchangeDetail | undefined;
  return detail?.running !== false;
}

function refreshLog(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.status });
  void client.invalidateQueries({ queryKey: keys.recent });
  void client.invalidateQueries({ queryKey: keys.logs });
  void client.invalidateQueries({ queryKey: keys.details, predicate: mayChange });
}

function showRunning(client: QueryClient, exchanges: readonly Exchange[]): RunningExchange[] | undefined {
  return client.setQueryData<RunningExchange[]>(keys.running, (before) =>
    advance(before, exchanges, performance.now()),
  );
}

/** What receives the events and makes the cache re-read what has changed. */
export function createEventSink(client: QueryClient) {
  const refresh = (...queryKeys: (readonly string[])[]) => {
    for (const queryKey of queryKeys) void client.invalidateQueries({ queryKey });
  };
  const log = throttle(() => {
    refreshLog(client);
  }, logPauseMs);
  const accounts = throttle(() => {
    refresh(keys.status, keys.accounts);
  }, accountsPauseMs);
  const figures = throttle(() => {
    refresh(keys.accounts, keys.figures);
  }, figuresPauseMs);
  let pruning: ReturnType<typeof setTimeout> | undefined;
  const prune = () => {
    pruning = undefined;
    const left = client.setQueryData<RunningExchange[]>(
      keys.running,
      (before) => before && withoutGone(before, performance.now()),
    );
    pruneLater(left);
  };
  const pruneLater = (running: RunningExchange[] | undefined) => {
    if (running?.some(({ endedAt }) => endedAt !== undefined)) pruning ??= setTimeout(prune, lingerMs);
  };

  const receive = (event: ProgramEvent) => {
    switch (event.kind) {
      case "resync":
        refresh([]);
        return;
      case "listener":
        refresh(keys.status);
        return;
      case "accounts":
        accounts.run();
        return;
      case "signIns":
        refresh(keys.signIns);
        return;
      case "config":
        refresh(keys.figures, keys.prices);
        refresh(keys.status, keys.settings, keys.keys, keys.models, keys.accounts);
        return;
      case "models":
        refresh(keys.models);
        return;
      case "exchanges":
        log.run();
        figures.run();
        return;
      case "running":
        pruneLater(showRunning(client, event.data?.exchanges ?? []));
        return;
      case "attention":
        // The desktop tells it; the pages show it by the state of the accounts.
        return;
    }
  };
  const stop = () => {
    log.stop();
    accounts.stop();
    figures.stop();
    clearTimeout(pruning);
  };
  return { receive, stop };
}

/** Keeps the cache up to date; false while the connection to the program is lost. */
export function useProgramEvents(): boolean {
  const client = useQueryClient();
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    const sink = createEventSink(client);
    const unsubscribe = subscribe({ onEvent: sink.receive, onConnected: setConnected });
    return () => {
      unsubscribe();
      sink.stop();
    };
  }, [client]);
  return connected;
}
