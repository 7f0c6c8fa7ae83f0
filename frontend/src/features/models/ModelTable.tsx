import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Account, Model } from "@/api/types";
import type { ModelAction } from "./actions";
import { columnsFor, type Column } from "./columns";
import { stepTo, type Line } from "./filter";
import { FoldLine, ModelLine } from "./ModelLine";
import classes from "./ModelTable.module.css";
import type { Trials } from "./trials";

const rowHeight = 32;
const overscan = 12;

interface ModelTableProps {
  lines: readonly Line[];
  accounts: ReadonlyMap<number, Account>;
  now: number;
  trials: Trials;
  onAct: (action: ModelAction, model: Model) => void;
  onFold: () => void;
}

// One function for all renders, or every line is measured again in each.
const rowSize = () => rowHeight;

const shortcuts: Readonly<Record<string, ModelAction>> = {
  Enter: "open",
  f: "favourite",
  h: "hide",
  t: "test",
  c: "copy",
};

/** A table of any length: only the lines in sight are in the document. */
export function ModelTable({ lines, accounts, now, trials, onAct, onFold }: ModelTableProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: measured, width } = useElementSize();
  const [at, setAt] = useState(-1);
  const visible = useMemo(() => columnsFor(width), [width]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: rowSize,
    overscan,
  });
  const active = Math.min(at, lines.length - 1);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const to = stepTo(event.key, active, lines.length, page);
    if (to !== undefined) {
      event.preventDefault();
      virtual.scrollToIndex(to);
      setAt(to);
      return;
    }
    const line = lines[active];
    const action = shortcuts[event.key];
    if (!line || !action) return;
    event.preventDefault();
    if (line.kind === "model") onAct(action, line.model);
    else if (action === "open") onFold();
  };

  const style = { "--tracks": visible.map(({ width: track }) => track).join(" ") } as CSSProperties;
  return (
    <div ref={measured} className={classes.frame} style={style}>
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        aria-label={t("models.table")}
        aria-rowcount={lines.length + 1}
        aria-colcount={visible.length}
        aria-activedescendant={active >= 0 ? `model-${active}` : undefined}
        aria-keyshortcuts="Enter F H T C"
        tabIndex={0}
        onKeyDown={onKeyDown}
        data-rows={lines.length}
      >
        <div role="rowgroup" className={classes.head}>
          <Head visible={visible} />
        </div>
        <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            if (!line) return null;
            const place = { index, top: start, active: index === active };
            return line.kind === "fold" ? (
              <FoldLine key="fold" {...place} {...line} columns={visible.length} onFold={onFold} />
            ) : (
              <ModelLine
                key={line.model.id}
                {...place}
                model={line.model}
                accounts={accounts}
                now={now}
                trial={trials.get(line.model.id)}
                visible={visible}
                onAct={onAct}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head({ visible }: { visible: readonly Column[] }) {
  const { t } = useTranslation();
  return (
    <div role="row" aria-rowindex={1} className={classes.row}>
      {visible.map(({ id, numeric }) => (
        <div key={id} role="columnheader" className={classes.cell} data-numeric={numeric}>
          {id === "favourite" || id === "actions" ? (
            <span className="said">{t(`models.column.${id}`)}</span>
          ) : (
            t(`models.column.${id}`)
          )}
        </div>
      ))}
    </div>
  );
}
