import { useTranslation } from "react-i18next";
import type { Model, Settings } from "@/api/types";
import { NumberField, SwitchField, TextField } from "./fields";
import { useField } from "./useField";

interface RoutingSectionProps {
  settings: Settings;
  models: readonly Model[];
}

export function RoutingSection({ settings, models }: RoutingSectionProps) {
  const { t } = useTranslation();
  const defaultModel = useField(settings, "defaultModel", t("settings.routing.defaultModel"));
  const attempts = useField(settings, "attempts", t("settings.routing.attempts"));
  const demo = useField(settings, "demo", t("settings.routing.demo"));
  return (
    <>
      <TextField
        field={defaultModel}
        hint={t("settings.routing.defaultModelHint")}
        // A model that two accounts serve is in the list twice.
        suggestions={[...new Set(models.map(({ id }) => id))]}
      />
      <NumberField field={attempts} hint={t("settings.routing.attemptsHint")} />
      <SwitchField field={demo} hint={t("settings.routing.demoHint")} />
    </>
  );
}
