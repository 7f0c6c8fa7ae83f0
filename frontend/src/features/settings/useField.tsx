import type { UseMutationResult } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { useChangeSettings } from "@/api/queries";
import type { Key, KeyPatch, Settings } from "@/api/types";
import { notify } from "@/ui/notify";
import { Undo } from "@/ui/Undo";
import { useChangeKey } from "./queries";

/** One setting as its control needs it. */
export interface Field<T> {
  name: string;
  label: string;
  value: T;
  save: (value: T) => void;
  state: "idle" | "saving" | "saved" | "failed";
  error: string | undefined;
}

const undoMs = 8000;

function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function messageFor(name: string, error: Error | null): string | undefined {
  if (!error) return undefined;
  return error instanceof ApiError ? (error.fields[name] ?? error.message) : error.message;
}

interface Saved<T, Patch> {
  /** The name of the field in what is sent. */
  name: string;
  /** Tells the field from those of the same name elsewhere. */
  id: string;
  label: string;
  value: T;
  patch: (value: T) => Patch;
  change: UseMutationResult<unknown, Error, Patch>;
}

/** A value that is saved as soon as it is changed, and can be taken back. */
function useSaved<T, Patch>({ name, id, label, value, patch, change }: Saved<T, Patch>): Field<T> {
  const { t } = useTranslation();
  const sending = useRef<{ value: T }>(undefined);
  const offerUndo = (before: T) => {
    const hide = notify({
      id,
      closeAfterMs: undoMs,
      message: (
        <Undo
          message={t("settings.changed", { field: label })}
          undo={t("common.undo")}
          onUndo={() => {
            hide();
            change.mutate(patch(before));
          }}
        />
      ),
    });
  };
  return {
    name,
    label,
    value,
    save: (next) => {
      if (sameValue(next, value)) {
        change.reset();
        return;
      }
      // Enter saves, and so does leaving the field right after it.
      if (sending.current && sameValue(sending.current.value, next)) return;
      sending.current = { value: next };
      change.mutate(patch(next), {
        onSuccess: () => {
          offerUndo(value);
        },
        onSettled: () => {
          sending.current = undefined;
        },
      });
    },
    state: change.isPending ? "saving" : change.isError ? "failed" : change.isSuccess ? "saved" : "idle",
    error: messageFor(name, change.error),
  };
}

/** One of the settings. */
export function useField<K extends keyof Settings>(
  settings: Settings,
  name: K,
  label: string,
): Field<Settings[K]> {
  const change = useChangeSettings();
  return useSaved({
    name,
    id: `setting-${name}`,
    label,
    value: settings[name],
    patch: (value) => ({ [name]: value }),
    change,
  });
}

/** One of the fields of a client's API key; not having one is its empty value. */
export function useKeyField<K extends keyof KeyPatch & keyof Key, T extends Key[K]>(
  key: Key,
  name: K,
  label: string,
  value: T,
): Field<T> {
  const change = useChangeKey();
  return useSaved({
    name,
    id: `key-${key.id}-${name}`,
    label,
    value,
    patch: (next) => ({ id: key.id, [name]: next }),
    change,
  });
}
