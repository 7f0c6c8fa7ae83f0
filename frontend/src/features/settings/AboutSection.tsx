import { useTranslation } from "react-i18next";
import type { Status } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { CopyButton } from "@/ui/CopyButton";
import classes from "./AboutSection.module.css";
import { DiagnosticsRow } from "./Diagnostics";
import { LicencesRow } from "./Licences";
import { UpdatesRows } from "./UpdatesRows";

export function AboutSection({ status }: { status: Status }) {
  const { t } = useTranslation();
  const facts = [
    { label: t("settings.about.version"), value: status.version },
    { label: t("settings.about.config"), value: status.configPath },
    { label: t("settings.about.data"), value: status.dataPath },
  ];
  return (
    <>
      <dl className={classes.facts}>
        {facts.map(({ label, value }) => (
          <div key={label} className={classes.fact}>
            <dt>{label}</dt>
            <dd className={classes.value}>
              <code>{value}</code>
            </dd>
            <dd>
              <CopyButton
                label={`${t("common.copy")}: ${label}`}
                done={t("common.copied")}
                onCopy={() => copyText(value)}
              />
            </dd>
          </div>
        ))}
      </dl>
      <div className={classes.rows}>
        <UpdatesRows version={status.version} />
        <DiagnosticsRow />
        <LicencesRow />
      </div>
    </>
  );
}
