// The accounts and the services, as more than one page shows them. Apart from
// queries.ts, so that the first page does not load what it does not show.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { accountApi } from "./accounts";
import { keys } from "./queries";
import type { Account } from "./types";

/** Every account, with its state. */
export function useAccounts() {
  return useQuery({ queryKey: keys.accounts, queryFn: ({ signal }) => accountApi.list(signal) });
}

/** What the program knows of the services; it changes with the program's version alone. */
export function useProviders(wanted = true) {
  return useQuery({
    queryKey: keys.providers,
    queryFn: ({ signal }) => accountApi.providers(signal),
    enabled: wanted,
  });
}

/** Shows a changed account at once; the event that follows reads the list again. */
export function useShowAccount() {
  const client = useQueryClient();
  return (changed: Account) => {
    client.setQueryData<Account[]>(keys.accounts, (before) => {
      if (!before) return before;
      const known = before.some(({ id }) => id === changed.id);
      return known
        ? before.map((account) => (account.id === changed.id ? changed : account))
        : [...before, changed];
    });
    return client.invalidateQueries({ queryKey: keys.status });
  };
}

/** Ends a rest on the person's word: the next request tries the account, or the model, again. */
export function useRetryAccount() {
  return useMutation({ mutationFn: accountApi.retry, onSuccess: useShowAccount() });
}

/** Makes the one real call that decides about an account's state. */
export function useTestAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: accountApi.test,
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
}
