import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import tab from "./OverviewTab.module.css";
import type { Stretch } from "./timing";
import classes from "./TimingBar.module.css";

interface TimingBarProps {
  stretches: readonly Stretch[];
  totalMs: number;
}

/** Where the time went: a bar, and the same in words below it. */
export function TimingBar({ stretches, totalMs }: TimingBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section>
      <h3 className={tab.title}>
        {t("detail.timing.title")} <span className={classes.total}>{format.duration(totalMs)}</span>
      </h3>
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
      <dl className={classes.legend}>
        {stretches.map(({ part, ms }) => (
          <div key={part} className={classes.entry}>
            <span className={classes.swatch} data-part={part} aria-hidden />
            <dt>{t(`detail.timing.${part}`)}</dt>
            <dd>{format.duration(ms)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
