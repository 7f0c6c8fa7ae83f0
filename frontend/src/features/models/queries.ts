import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { modelApi } from "@/api/models";
import { keys } from "@/api/queries";
import type { Alias, AliasState, Model, ModelsPatch } from "@/api/types";

const aliasesKey = [...keys.models, "aliases"] as const;

/** The names that stand for models; what reads the models anew reads them too. */
export function useAliases() {
  return useQuery({ queryKey: aliasesKey, queryFn: ({ signal }) => modelApi.aliases(signal) });
}

/** Puts a whole list of aliases in the place of the one there is. */
export function useSetAliases() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (aliases: readonly Alias[]) =>
      modelApi.setAliases(aliases.map(({ name, models }) => ({ name, models }))),
    onSuccess: (aliases) => {
      client.setQueryData<AliasState[]>(aliasesKey, aliases);
    },
    meta: { inline: true },
  });
}

function patched(model: Model, { hidden, favourite }: ModelsPatch): Model {
  return { ...model, hidden: hidden ?? model.hidden, favourite: favourite ?? model.favourite };
}

/** Hides models or makes favourites of them; it is shown before the program has it. */
export function useChangeModels() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: modelApi.change,
    onMutate: async (patch) => {
      await client.cancelQueries({ queryKey: keys.models });
      const named = new Set(patch.models);
      client.setQueryData<Model[]>(keys.models, (before) =>
        before?.map((model) => (named.has(model.id) ? patched(model, patch) : model)),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.models }),
  });
}

/** Asks every account for its models; the accounts tell how it goes. */
export function useRefreshModels() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: modelApi.refresh,
    onSettled: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
}
