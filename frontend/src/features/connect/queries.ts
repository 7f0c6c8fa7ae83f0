import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { clientApi } from "@/api/clients";
import { keys } from "@/api/queries";
import type { Client, ClientChoice, ClientList } from "@/api/types";

const clients = ["clients"] as const;
const previews = ["clientPreviews"] as const;

/** How often a client that was just configured is looked for among the requests. */
const waitingMs = 2000;

export function isWaiting({ applied, first }: Client): boolean {
  return applied !== undefined && first === undefined;
}

/** The clients; read again while one of them has not asked yet. */
export function useClients() {
  return useQuery({
    queryKey: clients,
    queryFn: ({ signal }) => clientApi.list(signal),
    refetchInterval: ({ state }) => (state.data?.clients.some(isWaiting) ? waitingMs : false),
  });
}

/** What would change; read again for each choice. */
export function usePreview(id: string, choice: ClientChoice) {
  return useQuery({
    queryKey: [...previews, id, choice],
    queryFn: ({ signal }) => clientApi.preview(id, choice, signal),
    placeholderData: keepPreviousData,
    // It must be what is there now, not what was looked at before.
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
}

export function useApiKeys() {
  return useQuery({ queryKey: keys.keys, queryFn: ({ signal }) => api.keys(signal) });
}

function useShowClient() {
  const client = useQueryClient();
  return (changed: Client) => {
    client.setQueryData<ClientList>(
      clients,
      (before) =>
        before && {
          ...before,
          clients: before.clients.map((one) => (one.id === changed.id ? changed : one)),
        },
    );
    return Promise.all([
      client.invalidateQueries({ queryKey: clients }),
      client.invalidateQueries({ queryKey: keys.keys }),
    ]);
  };
}

export function useApply() {
  return useMutation({ mutationFn: clientApi.apply, onSuccess: useShowClient(), meta: { inline: true } });
}

export function useUndo() {
  return useMutation({ mutationFn: clientApi.undo, onSuccess: useShowClient(), meta: { inline: true } });
}

export function usePreviewUndo() {
  return useMutation({ mutationFn: clientApi.previewUndo, meta: { inline: true } });
}

/** Gives the text of a key for what is copied; one that is not there yet is made. */
export function useKeyText() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ keyId, name }: { keyId: number; name: string }) =>
      keyId > 0 ? api.keySecret(keyId) : (await api.createKey(name)).key,
    onSuccess: (_, { keyId }) =>
      keyId > 0
        ? undefined
        : Promise.all([
            client.invalidateQueries({ queryKey: previews }),
            client.invalidateQueries({ queryKey: keys.keys }),
          ]),
    gcTime: 0,
  });
}
