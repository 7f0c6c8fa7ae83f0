import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useProviders } from "@/api/accountQueries";
import type { Span } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Notice } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import classes from "./Activity.module.css";
import { ActivityTable } from "./ActivityTable";
import { Costs } from "./Costs";
import { seriesOf, timeAt, totalAt, type Series } from "./figures";
import { spans, useSpan, type SpanName } from "./queries";
import { RequestChart, Swatch } from "./RequestChart";

/** Requests over time, and what they cost: of the last hour, day or week. */
export default function Activity() {
  const { t } = useTranslation();
  const [name, setName] = useState<SpanName>("hour");
  const [view, setView] = useState<"chart" | "table">("chart");
  const { data: span, error, refetch } = useSpan(name);
  const names = useProviderNames();
  const ranges = (
    <div className={classes.controls}>
      <SegmentedControl
        size="xs"
        aria-label={t("figures.view")}
        value={view}
        data={[
          { value: "chart", label: t("figures.chartView") },
          { value: "table", label: t("figures.table") },
        ]}
        onChange={setView}
      />
      <SegmentedControl
        size="xs"
        aria-label={t("figures.range")}
        value={name}
        data={spans.map((value) => ({ value, label: t(`figures.${value}`) }))}
        onChange={setName}
      />
    </div>
  );
  return (
    <>
      <Panel title={t("figures.title")} aside={ranges}>
        {error && (
          <Notice
            tone="bad"
            title={t("figures.error")}
            action={<Button onClick={() => void refetch()}>{t("common.retry")}</Button>}
          >
            {error.message}
          </Notice>
        )}
        {span ? (
          <Drawn span={span} names={names} table={view === "table"} />
        ) : (
          !error && <Skeleton height={200} />
        )}
      </Panel>
      {span && <Costs span={span} names={names} />}
    </>
  );
}

/** What a provider is called, by its kind. */
function useProviderNames(): (kind: string) => string {
  const { t } = useTranslation();
  const text = useText();
  const { data: providers } = useProviders();
  return (kind) => {
    if (kind === "*") return t("figures.other");
    if (kind === "") return t("figures.none");
    return text(providers?.find((one) => one.kind === kind)?.title) || kind;
  };
}

interface DrawnProps {
  span: Span;
  names: (kind: string) => string;
  table: boolean;
}

function Drawn({ span, names, table }: DrawnProps) {
  const { t } = useTranslation();
  const times = useTimes(span);
  const format = useFormat();
  const series = seriesOf(span);
  const step = t(`figures.step.${stepName(span)}`);
  const words = (at: number) => {
    const parts = series
      .filter(({ requests }) => (requests[at] ?? 0) > 0)
      .map(({ kind, requests }) => t("figures.share", { name: names(kind), count: requests[at] }));
    const failed = span.failed[at] ?? 0;
    if (failed > 0) parts.push(t("figures.failures", { count: failed }));
    return `${times.span(at)} · ${t("figures.requests", { count: totalAt(series, at) })}${parts.length > 0 ? ` · ${parts.join(" · ")}` : ""}`;
  };
  return (
    <>
      <Legend series={series} names={names}>
        {span.total.requests > 0 ? step : t("figures.nothing")}
        {span.total.requests > 0 && ` · ${t("figures.requests", { count: span.total.requests })}`}
      </Legend>
      {table ? (
        <ActivityTable span={span} series={series} names={names} time={times.span} count={format.count} />
      ) : (
        <RequestChart span={span} series={series} words={words} mark={times.mark} />
      )}
    </>
  );
}

function Legend({
  series,
  names,
  children,
}: {
  series: Series[];
  names: (kind: string) => string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div className={classes.legend}>
      <span className={classes.step}>{children}</span>
      {series.map(({ kind }, index) => (
        <span key={kind} className={classes.name}>
          <Swatch index={index} />
          {names(kind)}
        </span>
      ))}
      <span className={classes.name}>
        <span className={classes.failed} aria-hidden />
        {t("figures.failed")}
      </span>
    </div>
  );
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

function stepName({ stepMs }: Span): SpanName {
  return stepMs <= minuteMs ? "hour" : stepMs < hourMs ? "day" : "week";
}

/** When a step was, and the words below the axis. */
function useTimes(span: Span) {
  const { t, i18n } = useTranslation();
  const hour = new Intl.DateTimeFormat(i18n.language, { timeStyle: "short", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(i18n.language, { weekday: "short", day: "numeric" });
  const week = stepName(span) === "week";
  const say = (ms: number) => (week ? `${day.format(ms)} ${hour.format(ms)}` : hour.format(ms));
  // A mark at whole quarters of an hour, every third hour, or at midnight.
  const every = { hour: 10 * minuteMs, day: 3 * hourMs, week: 24 * hourMs }[stepName(span)];
  return {
    span: (at: number) =>
      t("figures.at", { from: say(timeAt(span, at)), to: hour.format(timeAt(span, at + 1)) }),
    mark: (at: number) => {
      const ms = timeAt(span, at);
      const local = ms - new Date(ms).getTimezoneOffset() * minuteMs;
      const near = at < 2 || at > span.failed.length - 3; // its words would stick out
      return !near && local % every < span.stepMs ? (week ? day : hour).format(ms) : "";
    },
  };
}
