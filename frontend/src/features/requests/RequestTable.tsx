import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useMemo, useRef, type CSSProperties, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { columns, type Column, type Row, type Words } from "./columns";
import classes from "./RequestTable.module.css";
import { nextIndex } from "./keyboard";
import { useAnchor } from "./useAnchor";

const rowHeight = 32;
const overscan = 12;
/** How close to the end older lines are read. */
const nearEnd = 100;

interface RequestTableProps {
  rows: readonly Row[];
  /** The line the arrows stand on; 0 is none. */
  activeId: number;
  onActivate: (id: number) => void;
  onOpen: (id: number) => void;
  /** The line that waits for another to be compared with; 0 is none. */
  markedId: number;
  onMark: (id: number) => void;
  onNearEnd: () => void;
  readingOlder: boolean;
}

// One function for all renders, or every line is measured again in each.
const rowSize = () => rowHeight;

function visibleColumns(width: number): readonly Column[] {
  return columns.filter(({ from = 0 }: Column) => width >= from);
}

function trackList(visible: readonly Column[]): string {
  return visible.map(({ width }) => width).join(" ");
}

/** A table of any length: only the lines in sight are in the document. */
export function RequestTable({
  rows,
  activeId,
  onActivate,
  onOpen,
  markedId,
  onMark,
  onNearEnd,
  readingOlder,
}: RequestTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: measured, width } = useElementSize();
  const visible = useMemo(() => visibleColumns(width), [width]);
  const words = useMemo<Words>(() => ({ t, format }), [t, format]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: rowSize,
    overscan,
  });
  useAnchor(scroller, rows, rowHeight);

  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= rows.length - nearEnd) onNearEnd();
    // Asked again for each length and position, not for each new callback.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [lastShown, rows.length]);

  const active = activeId > 0 ? rows.findIndex(({ id }) => id === activeId) : -1;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      onOpen(activeId);
      return;
    }
    if ((event.key === "c" || event.key === " ") && active >= 0 && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      onMark(activeId);
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const index = nextIndex(event.key, active, rows.length, page);
    const row = index === undefined ? undefined : rows[index];
    if (index === undefined || !row) return;
    event.preventDefault();
    virtual.scrollToIndex(index);
    onActivate(row.id);
  };

  const style = { "--tracks": trackList(visible) } as CSSProperties;
  return (
    <div ref={measured} className={classes.frame} style={style}>
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        aria-label={t("requests.table")}
        aria-rowcount={rows.length + 1}
        aria-colcount={visible.length}
        aria-activedescendant={active >= 0 ? `request-${activeId}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        data-rows={rows.length}
      >
        <div role="rowgroup" className={classes.head}>
          <Head visible={visible} />
        </div>
        <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows[index];
            return (
              row && (
                <Line
                  key={row.id}
                  row={row}
                  index={index}
                  top={start}
                  active={row.id === activeId}
                  marked={row.id === markedId}
                  visible={visible}
                  words={words}
                  onOpen={onOpen}
                />
              )
            );
          })}
        </div>
        {readingOlder && <div className={classes.more}>{t("requests.loadingMore")}</div>}
      </div>
    </div>
  );
}

function Head({ visible }: { visible: readonly Column[] }) {
  const { t } = useTranslation();
  return (
    <div role="row" aria-rowindex={1} className={classes.row}>
      {visible.map(({ id, numeric, hint }) => (
        <div
          key={id}
          role="columnheader"
          className={classes.cell}
          data-numeric={numeric}
          title={hint && t(`requests.columnHint.${id as "model"}`)}
        >
          {t(`requests.column.${id}`)}
        </div>
      ))}
    </div>
  );
}

interface LineProps {
  row: Row;
  index: number;
  top: number;
  active: boolean;
  marked: boolean;
  visible: readonly Column[];
  words: Words;
  onOpen: (id: number) => void;
}

const Line = memo(function Line({ row, index, top, active, marked, visible, words, onOpen }: LineProps) {
  return (
    <div
      role="row"
      id={`request-${row.id}`}
      aria-rowindex={index + 2}
      aria-selected={active}
      className={classes.row}
      data-running={row.running || undefined}
      data-marked={marked || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => {
        onOpen(row.id);
      }}
    >
      {visible.map(({ id, numeric, cell }, column) => (
        <div key={id} role="gridcell" className={classes.cell} data-numeric={numeric}>
          {cell(row, words)}
          {marked && column === 0 && (
            <span className={classes.hidden}> {words.t("drawer.compare.mark")}</span>
          )}
        </div>
      ))}
    </div>
  );
});
