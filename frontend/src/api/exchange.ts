// What an exchange means to a person, from its numbers.
import type { Exchange } from "./types";

/** How an exchange stands: one word for its chip. */
export type Outcome = "running" | "ok" | "refused" | "failed" | "canceled";

/** 499 is written for a client that hung up; nobody is to blame for it. */
const clientLeft = 499;

export function outcomeOf({ running, status }: Pick<Exchange, "running" | "status">): Outcome {
  if (running) return "running";
  if (status === clientLeft) return "canceled";
  if (status >= 500 || status === 0) return "failed";
  if (status >= 400) return "refused";
  return "ok";
}
