import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "@/api/client";
import { keys } from "@/api/queries";
import type { Price, Prices } from "@/api/types";
import { notify } from "@/ui/notify";
import { Undo } from "@/ui/Undo";

const undoMs = 8000;

/** What models cost: the list that the program knows, and the user's own prices. */
export function usePrices() {
  return useQuery({
    queryKey: keys.prices,
    queryFn: ({ signal }) => call<Prices>("GET", "/prices", undefined, signal),
  });
}

/** Replaces the user's own prices, and offers to take that back. */
export function useSetPrices(own: readonly Price[]) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (prices: readonly Price[]) => call<Prices>("PUT", "/prices", { prices }),
    onSuccess: (prices) => {
      client.setQueryData(keys.prices, prices);
      return client.invalidateQueries({ queryKey: keys.figures });
    },
  });
  return {
    isPending: change.isPending,
    error: change.error,
    set: (prices: readonly Price[], done?: () => void) => {
      change.mutate(prices, {
        onSuccess: () => {
          done?.();
          const hide = notify({
            id: "prices",
            closeAfterMs: undoMs,
            message: (
              <Undo
                message={t("settings.costs.changed")}
                undo={t("common.undo")}
                onUndo={() => {
                  hide();
                  change.mutate(own);
                }}
              />
            ),
          });
        },
      });
    },
  };
}
