import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Model } from "@/api/types";
import { notify } from "@/ui/notify";
import { Undo } from "@/ui/Undo";
import { useChangeModels } from "./queries";

const undoMs = 8000;
type Mark = { hidden: boolean } | { favourite: boolean };

function messageKey(mark: Mark) {
  if ("hidden" in mark) return mark.hidden ? "models.marked.hidden" : "models.marked.shown";
  return mark.favourite ? "models.marked.favourite" : "models.marked.unfavourite";
}

/** Marks models, and offers to take it back. All of them are the other way round before. */
export function useMark() {
  const { t } = useTranslation();
  const { mutate } = useChangeModels();
  return useCallback(
    (models: readonly Model[], mark: Mark) => {
      const names = models.map(({ id }) => id);
      const before: Mark = "hidden" in mark ? { hidden: !mark.hidden } : { favourite: !mark.favourite };
      mutate(
        { models: names, ...mark },
        {
          onSuccess: () => {
            const hide = notify({
              id: "models-marked",
              closeAfterMs: undoMs,
              message: (
                <Undo
                  message={t(messageKey(mark), { count: names.length, name: names[0] ?? "" })}
                  undo={t("common.undo")}
                  onUndo={() => {
                    hide();
                    mutate({ models: names, ...before });
                  }}
                />
              ),
            });
          },
        },
      );
    },
    [mutate, t],
  );
}
