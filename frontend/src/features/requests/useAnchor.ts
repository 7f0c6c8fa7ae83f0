import { useLayoutEffect, useRef, type RefObject } from "react";

/**
 * Keeps what a person reads in place while lines arrive above it. At the very
 * top nothing is held, so that new lines are seen.
 */
export function useAnchor(
  scroller: RefObject<HTMLElement | null>,
  rows: readonly { id: number }[],
  rowHeight: number,
): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const element = scroller.current;
    const old = before.current;
    before.current = rows;
    if (!element || element.scrollTop === 0 || old === rows) return;
    const index = Math.floor(element.scrollTop / rowHeight);
    const anchor = old[index]?.id;
    if (anchor === undefined || rows[index]?.id === anchor) return;
    const moved = rows.findIndex(({ id }) => id === anchor);
    if (moved >= 0) element.scrollBy(0, (moved - index) * rowHeight);
  }, [scroller, rows, rowHeight]);
}
