import { useTranslation } from "react-i18next";
import type { Span } from "@/api/types";
import classes from "./Activity.module.css";
import { totalAt, type Series } from "./figures";

interface ActivityTableProps {
  span: Span;
  series: readonly Series[];
  names: (kind: string) => string;
  time: (at: number) => string;
  count: (value: number | undefined) => string;
}

/** The chart as a table: the steps in which something was asked, the last one first. */
export function ActivityTable({ span, series, names, time, count }: ActivityTableProps) {
  const { t } = useTranslation();
  const steps = span.failed.map((_, at) => at).filter((at) => totalAt(series, at) > 0);
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("figures.table")}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("figures.time")}</th>
            {series.map(({ kind }) => (
              <th key={kind} scope="col" className={classes.number}>
                {names(kind)}
              </th>
            ))}
            <th scope="col" className={classes.number}>
              {t("figures.failed")}
            </th>
            <th scope="col" className={classes.number}>
              {t("figures.total")}
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.reverse().map((at) => (
            <tr key={at}>
              <th scope="row">{time(at)}</th>
              {series.map(({ kind, requests }) => (
                <td key={kind} className={classes.number}>
                  {count(requests[at])}
                </td>
              ))}
              <td className={classes.number}>{count(span.failed[at])}</td>
              <td className={classes.number}>{count(totalAt(series, at))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
