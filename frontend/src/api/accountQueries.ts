// The accounts and the services, as more than one page shows them. Apart from
// queries.ts, so that the first page does not load what it does not show.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { accountApi } from "./accounts";
import { keys } from "./queries";

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

/** Makes the one real call that decides about an account's state. */
export function useTestAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: accountApi.test,
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
}
