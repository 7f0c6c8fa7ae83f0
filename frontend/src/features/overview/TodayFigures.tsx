import { useTranslation } from "react-i18next";
import type { Status } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Panel } from "@/ui/Panel";
import classes from "./TodayFigures.module.css";

interface Figure {
  label: string;
  value: string;
  hint: string;
}

/** Today in six figures. */
export function TodayFigures({ status }: { status: Status | undefined }) {
  const { t } = useTranslation();
  const figures = useFigures(status);
  return (
    <Panel title={t("overview.today")} flush>
      <dl className={classes.figures}>
        {figures.map(({ label, value, hint }) => (
          <div key={label} className={classes.figure}>
            <dt>{label}</dt>
            <dd className={classes.value}>{value}</dd>
            <dd className={classes.hint}>{hint}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function useFigures(status: Status | undefined): Figure[] {
  const { t } = useTranslation();
  const format = useFormat();
  const today = status?.today;
  const share = today && today.requests > 0 ? 1 - today.errors / today.requests : undefined;
  const accounts = status?.accounts;
  return [
    {
      label: t("overview.requests"),
      value: format.count(today?.requests),
      hint: today?.errors ? t("overview.errors", { count: today.errors }) : t("overview.noErrors"),
    },
    { label: t("overview.successRate"), value: format.percent(share), hint: "" },
    {
      label: t("overview.tokens"),
      value: `${format.compact(today?.tokensIn)} / ${format.compact(today?.tokensOut)}`,
      hint: "",
    },
    {
      label: t("overview.firstToken"),
      value: format.duration(today?.firstTokenMs),
      hint: t("overview.median"),
    },
    { label: t("overview.ownTime"), value: format.duration(today?.ownMs), hint: t("overview.ownTimeHint") },
    {
      label: t("overview.accounts"),
      value: format.count(accounts?.ready),
      hint: accounts?.total
        ? t("overview.accountsOf", { total: accounts.total })
        : t(status?.demo ? "overview.accountsDemo" : "overview.accountsNone"),
    },
  ];
}
