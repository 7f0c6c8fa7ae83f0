import { useTranslation } from "react-i18next";
import type { Dot } from "@/api/types";
import classes from "./HourDots.module.css";

function hourOf({ requests, failures }: Dot): "idle" | "well" | "some" | "failed" {
  if (requests === 0) return "idle";
  if (failures === 0) return "well";
  return failures < requests ? "some" : "failed";
}

/** The last 24 hours, an hour a mark; in words for who does not see them. */
export function HourDots({ dots }: { dots: readonly Dot[] }) {
  const { t } = useTranslation();
  const requests = dots.reduce((sum, dot) => sum + dot.requests, 0);
  const failures = dots.reduce((sum, dot) => sum + dot.failures, 0);
  const ago = (index: number) => t("accounts.hours.ago", { count: dots.length - 1 - index });
  const last = dots.findLastIndex((dot) => dot.failures > 0);
  const label =
    requests === 0
      ? t("accounts.hours.none")
      : failures === 0
        ? t("accounts.hours.well", { count: requests })
        : t("accounts.hours.failed", { count: requests, failed: failures, ago: ago(last) });
  return (
    <div className={classes.dots} role="img" aria-label={label}>
      {dots.map((dot, index) => (
        <span
          // The hours have no name but their place.
          key={index}
          className={classes.dot}
          data-hour={hourOf(dot)}
          title={
            dot.requests === 0
              ? t("accounts.hours.idle", { ago: ago(index) })
              : t("accounts.hours.hour", { ago: ago(index), count: dot.requests, failed: dot.failures })
          }
        />
      ))}
    </div>
  );
}
