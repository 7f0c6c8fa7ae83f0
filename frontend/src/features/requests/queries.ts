import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api, type ExchangeFilter } from "@/api/client";
import { keys } from "@/api/queries";
import type { RunningExchange } from "@/api/running";
import type { Exchange, ExchangePage } from "@/api/types";
import { extend, fold, insert, meets, type Log } from "./log";

const headSize = 100;
const pageSize = 500;

/** Re-reads the newest lines, and those between them and what is known. */
async function readHead(
  log: Log | undefined,
  filter: ExchangeFilter,
  signal: AbortSignal,
): Promise<ExchangePage> {
  const page = await api.exchanges(filter, 0, headSize, signal);
  if (!log || meets(log, page)) return page;
  const more = await api.exchanges(filter, page.next, pageSize, signal);
  return { ...page, exchanges: page.exchanges.concat(more.exchanges), next: more.next };
}

/** Reads the lines of exchanges that ended behind the newest page, because they had begun long ago. */
async function readLate(
  client: QueryClient,
  log: Log,
  head: ExchangePage,
  filter: ExchangeFilter,
): Promise<Exchange[]> {
  const oldest = head.exchanges.at(-1)?.id ?? 0;
  const ended = (client.getQueryData<RunningExchange[]>(keys.running) ?? []).filter(
    ({ id, endedAt }) => endedAt !== undefined && id < oldest && id > log.next,
  );
  const pages = await Promise.all(ended.map(({ id }) => api.exchanges(filter, id + 1, 1)));
  const wanted = new Set(ended.map(({ id }) => id));
  return pages.flatMap(({ exchanges }) => exchanges.filter(({ id }) => wanted.has(id)));
}

/** The log for a filter; older lines are read on demand. */
export function useLog(filter: ExchangeFilter) {
  const client = useQueryClient();
  const queryKey = keys.log(filter);
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Log> => {
      const known = () => client.getQueryData<Log>(queryKey);
      const head = await readHead(known(), filter, signal);
      const late = await readLate(client, fold(known(), head), head, filter);
      return insert(fold(known(), head), late);
    },
    gcTime: 60_000,
    // Comparing a hundred thousand lines field by field would take longer than drawing them; fold keeps those it knows.
    structuralSharing: false,
  });
  const older = useMutation({
    mutationFn: (before: number) => api.exchanges(filter, before, pageSize),
    onSuccess: (page, before) => {
      client.setQueryData<Log>(queryKey, (log) => (log?.next === before ? extend(log, page) : log));
    },
  });
  const next = query.data?.next ?? 0;
  const readOlder = () => {
    // After an error only a new scroll tries again, not every render.
    if (next > 0 && !older.isPending) older.mutate(next);
  };
  return { query, readOlder, readingOlder: older.isPending };
}

/** What the log can be filtered by; read anew when the menu opens. */
export function useChoices() {
  return useQuery({
    queryKey: keys.choices,
    queryFn: ({ signal }) => api.exchangeChoices(signal),
    staleTime: 0,
  });
}

/** One exchange with all that is known of it. */
export function useExchange(id: number) {
  return useQuery({
    queryKey: keys.detail(id),
    queryFn: ({ signal }) => api.exchange(id, signal),
    enabled: id > 0,
  });
}

/** Sends a request again; the new one is in the log at once. */
export function useReplay() {
  return useMutation({
    mutationFn: ({ id, model }: { id: number; model: string }) => api.replayExchange(id, model),
  });
}
