import { useTranslation } from "react-i18next";
import type { Attempt } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { StatusChip, type Look } from "@/ui/StatusChip";
import classes from "./Attempts.module.css";
import tab from "./OverviewTab.module.css";

function lookOf({ status, errorKind, error }: Attempt): Look {
  if (errorKind || error || status === 0 || status >= 500)
    return status >= 400 && status < 500 ? "refused" : "failed";
  return status >= 400 ? "refused" : "ok";
}

/** Which upstreams were tried, why each, and what each answered. */
export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  const { t } = useTranslation();
  return (
    <section>
      <h3 className={tab.title}>{t("detail.attempts")}</h3>
      {attempts.length === 0 ? (
        <p className={tab.dim}>{t("detail.noAttempts")}</p>
      ) : (
        <ol className={classes.list}>
          {attempts.map((attempt, index) => (
            <li key={attempt.startMs} className={classes.attempt}>
              <Line attempt={attempt} number={index + 1} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Line({ attempt, number }: { attempt: Attempt; number: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { provider, account, model, reason, status, error, errorKind, headerMs, durationMs } = attempt;
  return (
    <>
      <div className={classes.head}>
        <span className={classes.who}>
          <span className={classes.number}>{number}</span>
          {[provider, account].filter(Boolean).join(" / ")}
          {model && <span className={tab.dim}> · {model}</span>}
        </span>
        <StatusChip look={lookOf(attempt)} label={status > 0 ? String(status) : t("detail.noAnswer")} />
      </div>
      {reason && <div className={tab.dim}>{reason}</div>}
      {error && (
        <div className={classes.error}>
          {errorKind && <strong>{errorKind}: </strong>}
          {error}
        </div>
      )}
      <div className={classes.times}>
        {format.duration(durationMs)}
        {headerMs > 0 && ` · ${t("detail.header", { time: format.duration(headerMs) })}`}
      </div>
    </>
  );
}
