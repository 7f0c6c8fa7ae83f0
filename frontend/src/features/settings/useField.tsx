import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { useChangeSettings } from "@/api/queries";
import type { Settings } from "@/api/types";
import { notify } from "@/ui/notify";
import { Undo } from "@/ui/Undo";

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

/** A setting that is saved as soon as it is changed, and can be taken back. */
export function useField<K extends keyof Settings>(
  settings: Settings,
  name: K,
  label: string,
): Field<Settings[K]> {
  const { t } = useTranslation();
  const change = useChangeSettings();
  const value = settings[name];

  const offerUndo = (before: Settings[K]) => {
    const hide = notify({
      id: `setting-${name}`,
      closeAfterMs: undoMs,
      message: (
        <Undo
          message={t("settings.changed", { field: label })}
          undo={t("common.undo")}
          onUndo={() => {
            hide();
            change.mutate({ [name]: before });
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
      change.mutate(
        { [name]: next },
        {
          onSuccess: () => {
            offerUndo(value);
          },
        },
      );
    },
    state: change.isPending ? "saving" : change.isError ? "failed" : change.isSuccess ? "saved" : "idle",
    error: messageFor(name, change.error),
  };
}
