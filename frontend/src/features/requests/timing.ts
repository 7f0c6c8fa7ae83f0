import type { ExchangeDetail } from "@/api/types";

/** A stretch of an exchange's time. */
export interface Stretch {
  part: "queue" | "own" | "retry" | "header" | "first" | "stream" | "rest";
  /** When it began, from the exchange's start. */
  from: number;
  ms: number;
}

/** Where the time of an exchange went, in order; empty stretches are left out. */
export function timing(detail: ExchangeDetail): Stretch[] {
  const { durationMs, ownMs, queueMs, firstTokenMs, attempts } = detail;
  const [first, last] = [attempts[0], attempts.at(-1)];
  const stretches: Stretch[] = [];
  let left = durationMs;
  const take = (part: Stretch["part"], ms: number) => {
    const taken = Math.min(Math.max(0, ms), left);
    if (taken > 0) stretches.push({ part, from: durationMs - left, ms: taken });
    left -= taken;
  };
  take("own", ownMs);
  take("queue", queueMs);
  if (first && last) {
    // A wait between two attempts is a part of the time between them.
    const waited = Math.max(0, queueMs - first.startMs);
    take("retry", last.startMs - first.startMs - waited);
    take("header", last.headerMs);
  }
  if (firstTokenMs === undefined) {
    take("rest", left);
  } else {
    take("first", firstTokenMs - (durationMs - left));
    take("stream", left);
  }
  return stretches;
}
