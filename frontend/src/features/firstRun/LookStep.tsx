import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useChangeSettings } from "@/api/queries";
import type { Settings } from "@/api/types";
import classes from "./FirstRunPage.module.css";

const languages = ["system", "en", "zh-CN"] as const;
const themes = ["system", "light", "dark"] as const;

/** Language and theme. Both show at once what they are. */
export function LookStep({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const change = useChangeSettings();
  // A language is named in itself, so that its speakers find it.
  const names = { system: t("firstRun.system"), en: "English", "zh-CN": "简体中文" };
  return (
    <>
      <p>{t("firstRun.welcome")}</p>
      <div className={classes.field}>
        <span id="first-language">{t("firstRun.language")}</span>
        <SegmentedControl
          aria-labelledby="first-language"
          value={settings.language}
          data={languages.map((value) => ({ value, label: names[value] }))}
          onChange={(language) => {
            change.mutate({ language: languages.find((known) => known === language) ?? "system" });
          }}
        />
      </div>
      <div className={classes.field}>
        <span id="first-theme">{t("firstRun.theme")}</span>
        <SegmentedControl
          aria-labelledby="first-theme"
          value={settings.theme}
          data={themes.map((value) => ({ value, label: t(`firstRun.themes.${value}`) }))}
          onChange={(theme) => {
            change.mutate({ theme: themes.find((known) => known === theme) ?? "system" });
          }}
        />
      </div>
    </>
  );
}
