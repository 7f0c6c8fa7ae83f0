// The programs that can be pointed here.
import { call } from "./client";
import type { Client, ClientApply, ClientChoice, ClientList, ClientPreview } from "./types";

const path = (id: string) => `/clients/${encodeURIComponent(id)}`;

export const clientApi = {
  list: (signal?: AbortSignal) => call<ClientList>("GET", "/clients", undefined, signal),
  preview: (id: string, choice: ClientChoice, signal?: AbortSignal) =>
    call<ClientPreview>("POST", `${path(id)}/preview`, choice, signal),
  apply: ({ id, ...choice }: ClientApply & { id: string }) =>
    call<Client>("POST", `${path(id)}/apply`, choice),
  previewUndo: (id: string) => call<ClientPreview>("POST", `${path(id)}/undo/preview`),
  undo: ({ id, digests }: { id: string; digests: string[] }) =>
    call<Client>("POST", `${path(id)}/undo`, { digests }),
};
