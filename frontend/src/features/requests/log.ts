// The part of the request log that was read so far: the newest lines without a
// gap, as far back as a person has scrolled.
import type { Exchange, ExchangePage } from "@/api/types";

export interface Log {
  /** Finished exchanges, newest first. */
  rows: Exchange[];
  /** The "before" of the following page; 0 when rows reach the oldest. */
  next: number;
  /** How many there are; -1 is unknown. */
  total: number;
}

function byNewest(a: Exchange, b: Exchange): number {
  return b.id - a.id;
}

/** Says whether nothing can be missing between a newest page and what is known. */
export function meets(log: Log, page: ExchangePage): boolean {
  const newest = log.rows[0];
  const last = page.exchanges.at(-1);
  return page.next === 0 || newest === undefined || last === undefined || last.id <= newest.id;
}

/** The log after its newest page was read again. */
export function fold(log: Log | undefined, page: ExchangePage): Log {
  // A page without a following one is the whole log, so what it lacks was deleted.
  if (!log || log.rows.length === 0 || page.next === 0 || !meets(log, page)) {
    return { rows: page.exchanges, next: page.next, total: page.total };
  }
  const known = new Map(log.rows.slice(0, 2 * page.exchanges.length).map((row) => [row.id, row]));
  // What has ended does not change, and a line that stays the same is not drawn again.
  const exchanges = page.exchanges.map((row) => known.get(row.id) ?? row);
  const fresh = new Set(page.exchanges.map(({ id }) => id));
  const oldest = page.exchanges.at(-1)?.id ?? 0;
  // Lines within the span of the page that it lacks were deleted, too.
  const kept = log.rows.filter(({ id }) => id < oldest && !fresh.has(id));
  return { rows: exchanges.concat(kept), next: log.next, total: page.total };
}

/** The log with the page that follows it. */
export function extend(log: Log, page: ExchangePage): Log {
  const last = log.rows.at(-1)?.id ?? Infinity;
  const older = page.exchanges.filter(({ id }) => id < last);
  return { rows: log.rows.concat(older), next: page.next, total: log.total };
}

/** The log with lines that ended late, each in its place. */
export function insert(log: Log, late: readonly Exchange[]): Log {
  const known = new Set(log.rows.map(({ id }) => id));
  const rows = late.filter(({ id }) => !known.has(id) && id >= log.next);
  return rows.length === 0 ? log : { ...log, rows: [...log.rows, ...rows].sort(byNewest) };
}
