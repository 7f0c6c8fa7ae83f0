import { useTranslation } from "react-i18next";
import type { ExchangeDetail } from "@/api/types";
import { kindWord, usePhrase } from "@/i18n/phrases";
import { Notice } from "@/ui/Notice";
import { useFields } from "./fields";
import classes from "./OverviewTab.module.css";
import { timing } from "./timing";
import { TimingBar } from "./TimingBar";

/** The fields of one request, and where its time went. */
export function OverviewTab({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  const say = usePhrase();
  return (
    <div className={classes.stack}>
      {detail.error && (
        <Notice
          tone={detail.status === 499 ? "quiet" : "bad"}
          title={detail.errorKind ? kindWord(t, detail.errorKind) : t("detail.field.error")}
        >
          {detail.failure ? say(detail.failure) : detail.error}
        </Notice>
      )}
      {!detail.running && <TimingBar stretches={timing(detail)} totalMs={detail.durationMs} />}
      <Fields detail={detail} />
    </div>
  );
}

function Fields({ detail }: { detail: ExchangeDetail }) {
  const fields = useFields(detail);
  return (
    <dl className={classes.fields}>
      {fields.map(
        ([label, value]) =>
          value && (
            <div key={label} className={classes.field}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
