import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import tab from "./OverviewTab.module.css";
import type { Stretch } from "./timing";
import classes from "./TimingBar.module.css";

interface TimingBarProps {
  stretches: readonly Stretch[];
  totalMs: number;
}

/** Where the time went: a bar, and the same in figures below it. */
export function TimingBar({ stretches, totalMs }: TimingBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section>
      <h3 className={tab.title}>{t("drawer.timing.caption")}</h3>
      <div className={classes.bar} aria-hidden>
        {stretches.map(({ part, ms }) => (
          // Shares, since flex grows by less than all when the sum is below one.
          <div
            key={part}
            className={classes.stretch}
            data-part={part}
            style={{ flexGrow: (100 * ms) / totalMs }}
          />
        ))}
      </div>
      <table className={classes.table} aria-label={t("drawer.timing.caption")}>
        <thead>
          <tr>
            <th scope="col">{t("drawer.timing.stretch")}</th>
            <th scope="col">{t("drawer.timing.from")}</th>
            <th scope="col">{t("drawer.timing.took")}</th>
            <th scope="col">{t("drawer.timing.share")}</th>
          </tr>
        </thead>
        <tbody>
          {stretches.map(({ part, from, ms }) => (
            <tr key={part}>
              <th scope="row">
                <span className={classes.swatch} data-part={part} aria-hidden />
                {t(`drawer.timing.${part}`)}
              </th>
              <td>{format.duration(from)}</td>
              <td>{format.duration(ms)}</td>
              <td>{format.percent(ms / totalMs)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t("drawer.timing.total")}</th>
            <td />
            <td>{format.duration(totalMs)}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
