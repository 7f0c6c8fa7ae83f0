import { Switch } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Settings } from "@/api/types";
import { FieldRow } from "@/ui/FieldRow";
import classes from "./ProtocolsField.module.css";
import { useField } from "./useField";

const protocols = ["responses", "completions", "embeddings", "anthropic", "gemini", "ollama"] as const;

/** Which client protocols are served. */
export function ProtocolsField({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const id = useId();
  const field = useField(settings, "protocolsOff", t("care.protocols.label"));
  const off: readonly string[] = field.value;
  return (
    <FieldRow
      id={id}
      label={field.label}
      hint={t("care.protocols.hint")}
      state={field.state}
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      <div id={id} role="group" aria-labelledby={`${id}-label`} className={classes.list}>
        {protocols.map((name) => (
          <Switch
            key={name}
            label={t(`care.protocols.${name}`)}
            checked={!off.includes(name)}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              field.save(protocols.filter((one) => (one === name ? !on : off.includes(one))));
            }}
          />
        ))}
      </div>
      {field.error && <div role="alert">{field.error}</div>}
    </FieldRow>
  );
}
