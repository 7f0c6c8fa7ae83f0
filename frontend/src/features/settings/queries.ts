import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { keys } from "@/api/queries";

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

export function useDeleteKey() {
  return useMutation({ mutationFn: api.deleteKey, onSuccess: useChanged() });
}

/** Reads the secret of a key; it is kept in no cache. */
export function useReadKey() {
  return useMutation({ mutationFn: api.keySecret, gcTime: 0 });
}
