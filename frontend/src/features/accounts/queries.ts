import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { accountApi } from "@/api/accounts";
import { keys } from "@/api/queries";
import type { Account } from "@/api/types";

/** What a dialog asks for says in the dialog what went wrong. */
const inline = { meta: { inline: true } };

/** Shows a changed account at once; the event that follows reads the list again. */
function useShowAccount() {
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
