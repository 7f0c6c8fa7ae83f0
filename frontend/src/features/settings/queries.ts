import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { Key } from "@/api/types";

export function useKeys() {
  return useQuery({
    queryKey: keys.keys,
    queryFn: ({ signal }) => api.keys(signal),
  });
}

function useChanged() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.keys }),
      client.invalidateQueries({ queryKey: keys.status }),
    ]);
}

export function useCreateKey() {
  return useMutation({ mutationFn: api.createKey, onSuccess: useChanged() });
}

/** Changes some of the fields of a key. */
export function useChangeKey() {
  const changed = useChanged();
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.changeKey,
    onSuccess: (key) => {
      client.setQueryData<Key[]>(keys.keys, (before) =>
        before?.map((other) => (other.id === key.id ? key : other)),
      );
      return changed();
    },
  });
}

export function useDeleteKey() {
  return useMutation({ mutationFn: api.deleteKey, onSuccess: useChanged() });
}

/** Reads the secret of a key; it is kept in no cache. */
export function useReadKey() {
  return useMutation({ mutationFn: api.keySecret, gcTime: 0 });
}
