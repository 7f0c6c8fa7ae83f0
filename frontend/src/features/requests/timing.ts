import type { ExchangeDetail } from "@/api/types";

/** A stretch of an exchange's time. */
export interface Stretch {
  part: "own" | "retry" | "header" | "first" | "stream" | "rest";
  ms: number;
}

/** Where the time of an exchange went, in order; empty stretches are left out. */
export function timing(detail: ExchangeDetail): Stretch[] {
  const { durationMs, ownMs, firstTokenMs, attempts } = detail;
  const last = attempts.at(-1);
  const stretches: Stretch[] = [];
  let left = durationMs;
  const take = (part: Stretch["part"], ms: number) => {
    const taken = Math.min(Math.max(0, ms), left);
    left -= taken;
    if (taken > 0) stretches.push({ part, ms: taken });
  };
  take("own", ownMs);
  if (last) {
    take("retry", last.startMs - (attempts[0]?.startMs ?? 0));
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
