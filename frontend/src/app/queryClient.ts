import { MutationCache, QueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import { inDesktopWindow } from "@/desktop/desktop";
import { notify } from "@/ui/notify";

/** A refusal stays one when asked again; only a lost connection may heal. */
function mayHeal(failures: number, error: Error): boolean {
  return failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);
}

/** The cache of server state. Events refresh it, so nothing goes stale by age. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      queries: { staleTime: Infinity, retry: mayHeal, refetchOnWindowFocus: false, networkMode: "always" },
      mutations: { networkMode: "always" },
    },
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        if (error instanceof ApiError && error.status === 401) {
          void client.invalidateQueries({ queryKey: keys.status });
          return;
        }
        // A browser that lost the program says so on top of the page.
        if (error instanceof ApiError && error.status === 0 && !inDesktopWindow()) return;
        // A dialog says by itself what went wrong in it.
        if (mutation.meta?.inline) return;
        // A message that belongs to a field is shown there.
        if (error instanceof ApiError && Object.keys(error.fields).length > 0) return;
        notify({ tone: "bad", title: i18next.t("common.failed"), message: error.message });
      },
    }),
  });
  return client;
}
