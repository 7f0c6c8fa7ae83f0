import { IconRoute } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Attempt } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { kindWord, usePhrase } from "@/i18n/phrases";
import { Blank } from "@/ui/Blank";
import { StatusChip, type Look } from "@/ui/StatusChip";
import classes from "./AttemptsTab.module.css";
import tab from "./OverviewTab.module.css";

function lookOf({ status, errorKind, error }: Attempt): Look {
  if (errorKind || error || status === 0 || status >= 500)
    return status >= 400 && status < 500 ? "refused" : "failed";
  return status >= 400 ? "refused" : "ok";
}

/** Which upstreams were tried, why each and not another, what each answered, and what that cost it. */
export function AttemptsTab({ attempts }: { attempts: readonly Attempt[] }) {
  const { t } = useTranslation();
  if (attempts.length === 0) {
    return (
      <Blank icon={<IconRoute size={28} stroke={1.5} />} title={t("drawer.attempt.empty")}>
        {t("drawer.attempt.emptyHint")}
      </Blank>
    );
  }
  return (
    <ol className={classes.list}>
      {attempts.map((attempt, index) => (
        <li key={attempt.startMs} className={classes.attempt}>
          <Try attempt={attempt} number={index + 1} />
        </li>
      ))}
    </ol>
  );
}

function Try({ attempt, number }: { attempt: Attempt; number: number }) {
  const { t } = useTranslation();
  const { provider, account, model, status } = attempt;
  return (
    <>
      <div className={classes.head}>
        <h3 className={classes.who}>
          <span className={classes.number}>{number}</span>
          {[provider, account].filter(Boolean).join(" / ")}
          {model && <span className={tab.dim}> · {model}</span>}
        </h3>
        <StatusChip look={lookOf(attempt)} label={status > 0 ? String(status) : t("detail.noAnswer")} />
      </div>
      <dl className={tab.fields}>
        <Facts attempt={attempt} />
      </dl>
    </>
  );
}

function Facts({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation();
  const format = useFormat();
  const say = usePhrase();
  const { why, others, errorKind, error, rest, startMs, headerMs, durationMs } = attempt;
  const times = [
    `+${format.duration(startMs)}`,
    headerMs > 0 && `${t("drawer.timing.header")} ${format.duration(headerMs)}`,
    `${t("drawer.timing.total")} ${format.duration(durationMs)}`,
  ].filter((one) => one !== false);
  return (
    <>
      <Fact label={t("drawer.attempt.why")}>{why.text && say(why)}</Fact>
      <Fact label={t("drawer.attempt.others")}>
        {others.length > 0 && (
          <ul className={classes.others}>
            {others.map((one) => (
              <li key={one.text}>{say(one)}</li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact label={t("drawer.attempt.class")}>{errorKind && kindWord(t, errorKind)}</Fact>
      <Fact label={t("drawer.attempt.said")}>{error && <span className={classes.error}>{error}</span>}</Fact>
      {(errorKind || error) && (
        <Fact label={t("drawer.attempt.rest")}>{rest ? say(rest) : t("drawer.attempt.none")}</Fact>
      )}
      <Fact label={t("drawer.attempt.times")}>
        {times.map((one, at) => (
          <span key={one} className={classes.time}>
            {one}
            {at < times.length - 1 && " · "}
          </span>
        ))}
      </Fact>
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div className={tab.field}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
