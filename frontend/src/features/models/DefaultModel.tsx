import { Autocomplete, Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useChangeSettings, useSettings } from "@/api/queries";
import type { AliasState, Model } from "@/api/types";
import { notify } from "@/ui/notify";
import { Panel } from "@/ui/Panel";
import { Undo } from "@/ui/Undo";
import classes from "./AliasesView.module.css";

const undoMs = 8000;

interface DefaultModelProps {
  models: readonly Model[];
  aliases: readonly AliasState[];
}

/** Which model answers names that nobody knows. */
export function DefaultModel({ models, aliases }: DefaultModelProps) {
  const { t } = useTranslation();
  const { data: settings } = useSettings();
  const change = useChangeSettings();
  const saved = settings?.defaultModel ?? "";
  const [draft, setDraft] = useState<string>();
  const names = [...aliases.map(({ name }) => name), ...models.map(({ id }) => id)];
  const typed = draft ?? saved;

  const save = (next: string) => {
    setDraft(undefined);
    if (!settings || next === saved) return;
    change.mutate(
      { defaultModel: next },
      {
        onSuccess: () => {
          const hide = notify({
            id: "default-model",
            closeAfterMs: undoMs,
            message: (
              <Undo
                message={t(next === "" ? "models.default.none" : "models.default.saved", { name: next })}
                undo={t("common.undo")}
                onUndo={() => {
                  hide();
                  change.mutate({ defaultModel: saved });
                }}
              />
            ),
          });
        },
      },
    );
  };
  return (
    <Panel title={t("models.default.title")}>
      <p className={classes.hint}>{t("models.default.hint")}</p>
      <div className={classes.default}>
        <Autocomplete
          className={classes.field ?? ""}
          aria-label={t("models.default.title")}
          placeholder={t("models.default.placeholder")}
          data={[...new Set(names)]}
          limit={50}
          maxDropdownHeight={240}
          spellCheck={false}
          disabled={!settings}
          value={typed}
          onChange={setDraft}
          onOptionSubmit={save}
          onBlur={() => {
            if (draft !== undefined) save(draft.trim());
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") save(typed.trim());
            if (event.key === "Escape") setDraft(undefined);
          }}
        />
        {saved !== "" && (
          <Button
            onClick={() => {
              save("");
            }}
          >
            {t("models.default.clear")}
          </Button>
        )}
      </div>
      {saved !== "" && !names.includes(saved) && (
        <div className={classes.note}>{t("models.default.unknown", { name: saved })}</div>
      )}
    </Panel>
  );
}
