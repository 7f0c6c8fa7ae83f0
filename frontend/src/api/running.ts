// The exchanges that run, as rows that count up between two events.
import type { Exchange } from "./types";

/** A running exchange with the moments, of performance.now, that its row needs. */
export interface RunningExchange extends Exchange {
  /** When its numbers were read. */
  readAt: number;
  /** When it was first missing among the running; it stays until the log has it. */
  endedAt?: number;
}

/** How long an exchange that ended may wait for its line in the log. */
export const lingerMs = 1500;

/** The running exchanges after an event: those of the event, and those that have just ended. */
export function advance(
  before: readonly RunningExchange[] | undefined,
  exchanges: readonly Exchange[],
  now: number,
): RunningExchange[] {
  const running = new Set(exchanges.map(({ id }) => id));
  const ended = (before ?? [])
    .filter(({ id }) => !running.has(id))
    .map((exchange) => ({ ...exchange, endedAt: exchange.endedAt ?? now }));
  return [...exchanges.map((exchange) => ({ ...exchange, readAt: now })), ...withoutGone(ended, now)].sort(
    (a, b) => b.id - a.id,
  );
}

/** Leaves out what ended so long ago that its line will not come any more. */
export function withoutGone(exchanges: readonly RunningExchange[], now: number): RunningExchange[] {
  return exchanges.filter(({ endedAt }) => endedAt === undefined || now - endedAt < lingerMs);
}

/** The running rows that go above logged ones: the log knows better what has ended. */
export function above(running: readonly RunningExchange[], logged: readonly Exchange[]): RunningExchange[] {
  if (running.length === 0) return [];
  const known = new Set<number>();
  const oldest = Math.min(...running.map(({ id }) => id));
  for (const { id } of logged) {
    // The log is sorted, newest first: what follows is older than every running one.
    if (id < oldest) break;
    known.add(id);
  }
  return running.filter(({ id }) => !known.has(id));
}
