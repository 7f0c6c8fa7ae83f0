import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { desktopApp } from "@/desktop/desktop";
import type { Field } from "./useField";

const key = ["startAtLogin"] as const;

/** Whether the system starts the program at login, as the system itself has it; undefined until it is known. */
export function useStartAtLogin(label: string): Field<boolean> | undefined {
  const client = useQueryClient();
  const app = desktopApp();
  const { data } = useQuery({
    queryKey: key,
    queryFn: () => app?.StartsAtLogin() ?? false,
    enabled: app !== undefined,
    // The system's own settings and the tray change it too.
    staleTime: 0,
    refetchOnWindowFocus: true,
  });
  const change = useMutation({
    mutationFn: async (on: boolean) => app?.StartAtLogin(on),
    meta: { inline: true },
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  if (data === undefined) return undefined;
  return {
    name: "startAtLogin",
    label,
    value: change.isPending ? change.variables : data,
    save: (on) => {
      change.mutate(on);
    },
    state: change.isPending ? "saving" : change.isError ? "failed" : change.isSuccess ? "saved" : "idle",
    error: change.error ? String(change.error) : undefined,
  };
}
