import { useTranslation } from "react-i18next";
import type { ExchangeDetail } from "@/api/types";
import { useFormat, type Format } from "@/i18n/format";
import { kindWord } from "@/i18n/phrases";
import { Notice } from "@/ui/Notice";
import classes from "./OverviewTab.module.css";
import { timing } from "./timing";
import { TimingBar } from "./TimingBar";

/** The fields of one request, and where its time went. */
export function OverviewTab({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  return (
    <div className={classes.stack}>
      {detail.error && (
        <Notice
          tone={detail.status === 499 ? "quiet" : "bad"}
          title={detail.errorKind ? kindWord(t, detail.errorKind) : t("detail.field.error")}
        >
          {detail.error}
        </Notice>
      )}
      {!detail.running && <TimingBar stretches={timing(detail)} totalMs={detail.durationMs} />}
      <Fields detail={detail} />
    </div>
  );
}

function Fields({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const tokens = useTokens(detail, format);
  const fields = [
    [t("detail.field.time"), format.moment(detail.start)],
    [t("detail.field.duration"), detail.running ? "" : format.duration(detail.durationMs)],
    [t("detail.field.client"), detail.client],
    [t("detail.field.key"), detail.key],
    [t("detail.field.protocol"), [detail.dialect, detail.path].filter(Boolean).join(" · ")],
    [t("detail.field.asked"), detail.asked],
    [t("detail.field.served"), detail.served],
    [t("detail.field.provider"), detail.provider],
    [t("detail.field.account"), detail.account],
    [t("detail.field.lane"), detail.lane && t(`detail.lane.${detail.lane}`)],
    [t("detail.field.stream"), t(detail.stream ? "common.yes" : "common.no")],
    [t("detail.field.tokens"), tokens],
    [t("detail.field.bytes"), `${format.bytes(detail.bytesIn)} / ${format.bytes(detail.bytesOut)}`],
    [t("detail.field.finish"), detail.finish],
  ] as const;
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

function useTokens(detail: ExchangeDetail, format: Format): string {
  const { t } = useTranslation();
  const counts = [
    ["in", detail.tokensIn],
    ["out", detail.tokensOut],
    ["cached", detail.tokensCached],
    ["reasoning", detail.tokensReasoning],
  ] as const;
  return counts
    .filter(([, n]) => n !== undefined)
    .map(([part, n]) => t(`detail.tokens.${part}`, { n: format.count(n) }))
    .join(" · ");
}
