import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useShowAccount } from "@/api/accountQueries";
import { accountApi } from "@/api/accounts";
import { keys } from "@/api/queries";
import type { Account } from "@/api/types";
import { isMovable } from "./order";

/** What a dialog asks for says in the dialog what went wrong. */
const inline = { meta: { inline: true } };

export function useAddAccount() {
  return useMutation({ mutationFn: accountApi.add, onSuccess: useShowAccount(), ...inline });
}

export function useChangeAccount(where: "dialog" | "card") {
  return useMutation({
    mutationFn: accountApi.change,
    onSuccess: useShowAccount(),
    ...(where === "dialog" ? inline : {}),
  });
}

/** Puts the accounts in another order, which is shown before the program has it. */
export function useOrderAccounts() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (accounts: readonly Account[]) =>
      accountApi.order(accounts.filter(isMovable).map(({ id }) => id)),
    onMutate: async (accounts) => {
      await client.cancelQueries({ queryKey: keys.accounts });
      client.setQueryData(keys.accounts, accounts);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
}

export function useRemoveAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: accountApi.remove,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.accounts }),
        client.invalidateQueries({ queryKey: keys.models }),
        client.invalidateQueries({ queryKey: keys.status }),
      ]),
  });
}

export function useStartSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: accountApi.startSignIn,
    onSuccess: (signIn) => {
      client.setQueryData(keys.signIn(signIn.id), signIn);
    },
    ...inline,
  });
}

/** One sign-in, live: events read it again. */
export function useSignIn(id: string) {
  return useQuery({ queryKey: keys.signIn(id), queryFn: ({ signal }) => accountApi.signIn(id, signal) });
}

export function useAnswerSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: accountApi.answerSignIn,
    onSuccess: (signIn) => {
      client.setQueryData(keys.signIn(signIn.id), signIn);
    },
    ...inline,
  });
}

export function useConfirmSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: accountApi.confirmSignIn,
    onSuccess: (signIn) => {
      client.setQueryData(keys.signIn(signIn.id), signIn);
    },
    ...inline,
  });
}

/** Looks for sign-ins of other programs, which is done only when it is asked for. */
export function useFoundSources() {
  return useMutation({ mutationFn: () => accountApi.foundSources(), ...inline });
}

export function usePreviewImport() {
  return useMutation({ mutationFn: accountApi.previewImport, ...inline });
}

export function useImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: accountApi.import,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.accounts }),
        client.invalidateQueries({ queryKey: keys.status }),
      ]),
    ...inline,
  });
}
