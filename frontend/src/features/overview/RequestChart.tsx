import { useElementSize } from "@mantine/hooks";
import { useId, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Span } from "@/api/types";
import { axisEnd, totalAt, type Series } from "./figures";
import classes from "./RequestChart.module.css";

const height = 132;
/** Below the bars: where a step with failures has its mark. */
const foot = 5;
const usualWidth = 760;

interface RequestChartProps {
  span: Span;
  series: readonly Series[];
  /** What is said of a step: when it was, and how much. */
  words: (at: number) => string;
  /** The words below the axis at a step; "" is none. */
  mark: (at: number) => string;
}

/** Stacked bars, one for each step. The arrow keys and the pointer choose one, and its numbers stand below. */
export function RequestChart({ span, series, words, mark }: RequestChartProps) {
  const { t } = useTranslation();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [chosen, setChosen] = useState<number>();
  const steps = span.failed.length;
  const last = steps - 1;
  const at = Math.min(chosen ?? last, last);
  const wide = width || usualWidth;
  const pick = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setChosen(Math.max(0, Math.min(last, Math.floor(((event.clientX - box.left) / box.width) * steps))));
  };
  const move = (event: KeyboardEvent) => {
    const to = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setChosen(Math.max(0, Math.min(last, to)));
  };
  const highest = axisEnd(Math.max(...span.failed.map((_, step) => totalAt(series, step))));
  return (
    <div>
      <div className={classes.plot}>
        <div className={classes.axis} aria-hidden>
          <span>{highest}</span>
          <span>{highest / 2}</span>
          <span>0</span>
        </div>
        <div
          ref={ref}
          className={classes.bars}
          role="slider"
          tabIndex={0}
          aria-label={t("figures.chart")}
          aria-valuemin={0}
          aria-valuemax={last}
          aria-valuenow={at}
          aria-valuetext={words(at)}
          title={t("figures.chartHint")}
          onKeyDown={move}
          onPointerMove={pick}
          onPointerLeave={() => {
            setChosen(undefined);
          }}
        >
          <Bars span={span} series={series} width={wide} highest={highest} chosen={chosen} />
        </div>
      </div>
      <div className={classes.times} aria-hidden>
        {span.failed.map((_, step) => {
          const text = mark(step);
          return text ? (
            <span key={step} style={{ left: `${((step + 0.5) / steps) * 100}%` }}>
              {text}
            </span>
          ) : null;
        })}
      </div>
      <p className={classes.words}>{words(at)}</p>
    </div>
  );
}

interface BarsProps {
  span: Span;
  series: readonly Series[];
  width: number;
  highest: number;
  chosen: number | undefined;
}

function Bars({ span, series, width, highest, chosen }: BarsProps) {
  const id = useId();
  const steps = span.failed.length;
  const pitch = width / steps;
  const gap = pitch > 5 ? 2 : 1;
  const unit = (height - foot) / highest;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden>
      <Patterns id={id} />
      {[0, 0.5, 1].map((share) => (
        <line
          key={share}
          className={classes.grid}
          x1={0}
          x2={width}
          y1={Math.round((height - foot - 1) * share) + 0.5}
          y2={Math.round((height - foot - 1) * share) + 0.5}
        />
      ))}
      {chosen !== undefined && (
        <rect className={classes.chosen} x={chosen * pitch} y={0} width={pitch} height={height} />
      )}
      {span.failed.map((failed, at) => {
        let top = height - foot;
        return (
          <g key={at}>
            {series.map(({ kind, requests }, index) => {
              const high = (requests[at] ?? 0) * unit;
              if (high === 0) return null;
              top -= high;
              return (
                <rect
                  key={kind}
                  data-series={index}
                  fill={`url(#${id}-${index})`}
                  x={at * pitch + gap / 2}
                  y={top}
                  width={Math.max(pitch - gap, 1)}
                  // A line of ground between two colours.
                  height={Math.max(high - (index > 0 ? 1 : 0), 1)}
                />
              );
            })}
            {failed > 0 && (
              <rect
                className={classes.failed}
                x={at * pitch + gap / 2}
                y={height - foot + 2}
                width={Math.max(pitch - gap, 1)}
                height={3}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** A colour and a hatching for each series: neither has to be told apart by its colour alone. */
function Patterns({ id }: { id: string }) {
  const lines = ["", "M-1 5L5 -1M3 9L9 3M-1 9L9 -1", "M0 1.5H8M0 5.5H8", "M2 0V8M6 0V8", "M0 4H8M4 0V8"];
  return (
    <defs>
      {lines.map((d, index) => (
        <pattern key={index} id={`${id}-${index}`} width={8} height={8} patternUnits="userSpaceOnUse">
          <rect className={classes.ink} data-series={index} width={8} height={8} />
          {d && <path className={classes.hatch} d={d} />}
        </pattern>
      ))}
    </defs>
  );
}

/** The sample of a colour beside its name. */
export function Swatch({ index }: { index: number }) {
  const id = useId();
  return (
    <svg width={12} height={12} aria-hidden className={classes.swatch}>
      <Patterns id={id} />
      <rect width={12} height={12} rx={2} fill={`url(#${id}-${index})`} />
    </svg>
  );
}
