import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { allExchanges, api, call } from "@/api/client";
import { keys } from "@/api/queries";
import type { Span } from "@/api/types";

const recentCount = 10;

/** The last exchanges that ended. */
export function useRecent() {
  return useQuery({
    queryKey: keys.recent,
    queryFn: async ({ signal }) => (await api.exchanges(allExchanges, 0, recentCount, signal)).exchanges,
  });
}

/** A secret that is read only when a person asks for it. */
export interface Secret {
  /** The secret while it is shown. */
  shown: string | undefined;
  read: () => Promise<string>;
  toggle: () => void;
}

/** The secret of an API key. It is in no cache: hiding it forgets it. */
export function useKeySecret(id: number): Secret {
  const [shown, setShown] = useState<{ id: number; key: string }>();
  const { mutateAsync } = useMutation({ mutationFn: api.keySecret });
  const visible = shown?.id === id ? shown.key : undefined;
  return {
    shown: visible,
    read: async () => visible ?? (await mutateAsync(id)),
    toggle: () => {
      if (visible !== undefined) {
        setShown(undefined);
        return;
      }
      mutateAsync(id).then(
        (key) => {
          setShown({ id, key });
        },
        () => undefined, // The mutation cache shows what went wrong.
      );
    },
  };
}

/** The stretches of time that the chart shows. */
export const spans = ["hour", "day", "week"] as const;
export type SpanName = (typeof spans)[number];

/** Time goes on although nobody asks anything. */
const spanAgeMs = 30_000;

/** What was asked in a stretch of time; the one before is shown until it is there. */
export function useSpan(name: SpanName) {
  return useQuery({
    queryKey: [...keys.figures, name],
    queryFn: ({ signal }) => call<Span>("GET", `/figures?range=${name}`, undefined, signal),
    placeholderData: keepPreviousData,
    refetchInterval: spanAgeMs,
  });
}
