// The calls of backup and restore.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, call } from "@/api/client";
import { keys } from "@/api/queries";
import type { BackupChoice, BackupPreview, LastRestore, LogSize } from "@/api/types";
import { saveAs } from "@/desktop/save";

/** How much of a file is sent at once: a window holds each piece in memory. */
const pieceBytes = 4 * 1024 * 1024;

/** How much the request log is now. */
export function useLogSize() {
  return useQuery({
    queryKey: keys.logSize,
    queryFn: ({ signal }) => call<LogSize>("GET", "/exchanges/size", undefined, signal),
  });
}

/** Saves a backup as a file; false is that the person has cancelled. */
export function useSaveBackup() {
  return useMutation({
    mutationFn: (choice: BackupChoice) => {
      const day = new Date().toLocaleDateString("sv");
      return saveAs(`openaicompatible-${day}.backup`, "/backup", {
        method: "POST",
        body: JSON.stringify(choice),
      });
    },
    meta: { inline: true },
    gcTime: 0,
  });
}

async function send(file: File, told: (share: number) => void) {
  for (let at = 0; at < file.size || at === 0; at += pieceBytes) {
    told(file.size === 0 ? 1 : at / file.size);
    await ask(`/restore/file?at=${at}`, {
      method: "PUT",
      body: await file.slice(at, at + pieceBytes).arrayBuffer(),
      headers: { "Content-Type": "application/octet-stream" },
    });
  }
  told(1);
}

interface Chosen {
  file: File;
  /** It was sent before, and only the passphrase is another. */
  sent: boolean;
  passphrase: string;
  told: (share: number) => void;
}

/** Sends a backup to the program, and asks what is in it. */
export function usePreview() {
  return useMutation({
    mutationFn: async ({ file, sent, passphrase, told }: Chosen) => {
      if (!sent) await send(file, told);
      return call<BackupPreview>("POST", "/restore/preview", { passphrase });
    },
    meta: { inline: true },
    gcTime: 0,
  });
}

/** After it everything may be something else. The log is read from its beginning. */
function useEverythingAnew() {
  const client = useQueryClient();
  return async () => {
    await client.resetQueries({ queryKey: keys.exchanges });
    await client.invalidateQueries();
  };
}

export function useRestore() {
  return useMutation({
    mutationFn: (passphrase: string) => call<undefined>("POST", "/restore", { passphrase }),
    onSuccess: useEverythingAnew(),
    meta: { inline: true },
    gcTime: 0,
  });
}

export function useDiscard() {
  return useMutation({ mutationFn: () => call<undefined>("DELETE", "/restore/file") });
}

/** What was here before the last restore. */
export function useKept() {
  return useQuery({
    queryKey: keys.restore,
    queryFn: ({ signal }) => call<LastRestore>("GET", "/restore", undefined, signal),
  });
}

export function useUndoRestore() {
  return useMutation({
    mutationFn: () => call<undefined>("POST", "/restore/undo"),
    meta: { inline: true },
    onSuccess: useEverythingAnew(),
  });
}

export function useForgetRestore() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<undefined>("DELETE", "/restore"),
    meta: { inline: true },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.restore }),
  });
}
