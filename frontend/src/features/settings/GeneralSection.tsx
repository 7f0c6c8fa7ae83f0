import { Button } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Settings } from "@/api/types";
import { FieldRow } from "@/ui/FieldRow";
import { ChoiceField, SwitchField } from "./fields";
import { useField } from "./useField";
import { useStartAtLogin } from "./useStartAtLogin";

interface GeneralSectionProps {
  settings: Settings;
  /** The desktop app has a window and a tray; the web edition has neither. */
  desktop: boolean;
}

export function GeneralSection({ settings, desktop }: GeneralSectionProps) {
  const { t } = useTranslation();
  const language = useField(settings, "language", t("settings.general.language"));
  const theme = useField(settings, "theme", t("settings.general.theme"));
  const startListener = useField(settings, "startListener", t("settings.general.startListener"));
  return (
    <>
      <ChoiceField
        field={language}
        choices={[
          { value: "system", label: t("settings.general.system") },
          // A language is named in itself, so that its speakers find it.
          { value: "en", label: "English" },
          { value: "zh-CN", label: "简体中文" },
        ]}
      />
      <ChoiceField
        field={theme}
        choices={[
          { value: "system", label: t("settings.general.system") },
          { value: "light", label: t("settings.general.light") },
          { value: "dark", label: t("settings.general.dark") },
        ]}
      />
      <SwitchField field={startListener} />
      <FirstRunRow />
      {desktop && <WindowFields settings={settings} />}
    </>
  );
}

/** The first steps again. They say in the settings by themselves that they were shown. */
function FirstRunRow() {
  const { t } = useTranslation();
  const id = useId();
  return (
    <FieldRow
      id={id}
      label={t("settings.general.firstRun")}
      hint={t("settings.general.firstRunHint")}
      state="idle"
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      <Button id={id} component={Link} to="/welcome">
        {t("settings.general.firstRunStart")}
      </Button>
    </FieldRow>
  );
}

function WindowFields({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const startHidden = useField(settings, "startHidden", t("settings.general.startHidden"));
  const atLogin = useStartAtLogin(t("settings.general.startAtLogin"));
  const closing = useField(settings, "closing", t("settings.general.closing"));
  return (
    <>
      {atLogin && <SwitchField field={atLogin} />}
      <SwitchField field={startHidden} />
      <ChoiceField
        field={closing}
        hint={t("settings.general.closingHint")}
        choices={[
          { value: "tray", label: t("settings.general.tray") },
          { value: "quit", label: t("settings.general.quit") },
        ]}
      />
    </>
  );
}
