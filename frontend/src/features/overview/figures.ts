// What the chart draws, as numbers: which providers have a colour of their own,
// how high a bar is, and what a person hears of it.
import type { Span } from "@/api/types";

/** How many providers have a colour; the rest are drawn as one. */
export const coloured = 4;

/** One colour of the chart: a provider by its kind, or "*" for those that are left. */
export interface Series {
  kind: string;
  requests: readonly number[];
}

/** The busiest providers, and one series of all others. */
export function seriesOf(span: Span): Series[] {
  const own = span.providers.length > coloured + 1 ? span.providers.slice(0, coloured) : span.providers;
  const series: Series[] = own.map(({ provider, requests }) => ({ kind: provider, requests }));
  const left = span.providers.slice(own.length);
  if (left.length > 0) {
    const requests = span.failed.map((_, at) => left.reduce((sum, one) => sum + (one.requests[at] ?? 0), 0));
    series.push({ kind: "*", requests });
  }
  return series;
}

/** All requests of one step. */
export function totalAt(series: readonly Series[], at: number): number {
  return series.reduce((sum, { requests }) => sum + (requests[at] ?? 0), 0);
}

/** The end of an axis from 0: the first of 1, 2, 5, 10, 20… that is not below the highest bar, and even. */
export function axisEnd(highest: number): number {
  for (let step = 1; ; step *= 10) {
    for (const digit of [2, 4, 6, 10]) if (digit * step >= highest) return digit * step;
  }
}

/** When a step begins, in milliseconds since 1970. */
export function timeAt(span: Span, at: number): number {
  return new Date(span.from).getTime() + at * span.stepMs;
}
