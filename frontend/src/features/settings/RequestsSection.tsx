import { useTranslation } from "react-i18next";
import type { Settings } from "@/api/types";
import { ChoiceField, NumberField } from "./fields";
import { LogSizeRow } from "./LogSizeRow";
import { useField } from "./useField";

export function RequestsSection({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const keepBodies = useField(settings, "keepBodies", t("settings.requests.keepBodies"));
  const bodyLimit = useField(settings, "bodyLimitKB", t("settings.requests.bodyLimit"));
  const days = useField(settings, "days", t("settings.requests.days"));
  const maxSize = useField(settings, "maxMB", t("settings.requests.maxSize"));
  return (
    <>
      <ChoiceField
        field={keepBodies}
        hint={t("settings.requests.keepBodiesHint")}
        choices={[
          { value: "off", label: t("settings.requests.off") },
          { value: "errors", label: t("settings.requests.errors") },
          { value: "all", label: t("settings.requests.all") },
        ]}
      />
      <NumberField field={bodyLimit} unit="KB" />
      <NumberField field={days} unit={t("settings.requests.daysUnit")} hint={t("settings.requests.zero")} />
      <NumberField field={maxSize} unit="MB" hint={t("settings.requests.zero")} />
      <LogSizeRow />
    </>
  );
}
