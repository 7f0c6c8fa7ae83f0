import { IconBolt } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { outcomeOf } from "@/api/exchange";
import type { RunningExchange } from "@/api/running";
import type { Exchange } from "@/api/types";
import type { Format } from "@/i18n/format";
import { StatusChip } from "@/ui/StatusChip";
import { Ticking } from "@/ui/Ticking";
import classes from "./columns.module.css";

/** One line of the table: a finished exchange, or one that still counts up. */
export type Row = Exchange | RunningExchange;

/** What a cell needs to say something. */
export interface Words {
  t: TFunction;
  format: Format;
}

type ColumnId =
  | "time"
  | "client"
  | "model"
  | "account"
  | "status"
  | "stream"
  | "tokensIn"
  | "tokensOut"
  | "tokensCached"
  | "firstToken"
  | "duration"
  | "attempts";

export interface Column {
  id: ColumnId;
  /** The grid track. */
  width: string;
  /** The width of the table from which on it is shown; the drawer always has it. */
  from?: number;
  numeric?: true;
  /** Columns whose heading is short for something longer. */
  hint?: true;
  cell: (row: Row, words: Words) => ReactNode;
}

function isTicking(row: Row): row is RunningExchange {
  return "readAt" in row && row.endedAt === undefined;
}

function statusCell(row: Row, { t }: Words): ReactNode {
  const outcome = outcomeOf(row);
  const word = t(`outcome.${outcome}`);
  const label = row.running ? word : String(row.status);
  return <StatusChip look={outcome} label={label} hint={row.error || word} />;
}

function modelCell({ asked, served }: Row, { t }: Words): ReactNode {
  const title = served && served !== asked ? `${asked} → ${served}` : asked;
  return (
    <span title={title}>
      <span className={classes.strong}>{asked || t("common.unknown")}</span>
      {served && served !== asked && <span className={classes.dim}> → {served}</span>}
    </span>
  );
}

/** Most upstreams count tokens at the end; until then the bytes show that it moves. */
function tokensOutCell(row: Row, { format }: Words): ReactNode {
  if (!row.running || row.tokensOut !== undefined || row.bytesOut === 0) return format.compact(row.tokensOut);
  return <span className={classes.dim}>{format.bytes(row.bytesOut)}</span>;
}

/** The table's columns, in order. */
export const columns = [
  {
    id: "time",
    width: "60px",
    cell: (row, { format }) => <span className={classes.dim}>{format.clock(row.start)}</span>,
  },
  { id: "client", width: "minmax(64px, 0.6fr)", cell: (row) => <span title={row.client}>{row.client}</span> },
  { id: "model", width: "minmax(140px, 1.6fr)", hint: true, cell: modelCell },
  {
    id: "account",
    width: "minmax(56px, 0.5fr)",
    from: 860,
    cell: (row) => <span title={row.account}>{row.account}</span>,
  },
  { id: "status", width: "84px", cell: statusCell },
  {
    id: "stream",
    width: "44px",
    from: 740,
    hint: true,
    cell: (row, { t }) =>
      row.stream ? (
        <IconBolt size={14} className={classes.dim} aria-label={t("requests.streamed")} />
      ) : (
        <span className={classes.hidden}>{t("requests.notStreamed")}</span>
      ),
  },
  {
    id: "tokensIn",
    width: "46px",
    numeric: true,
    hint: true,
    cell: (row, { format }) => format.compact(row.tokensIn),
  },
  {
    id: "tokensOut",
    width: "48px",
    numeric: true,
    hint: true,
    cell: tokensOutCell,
  },
  {
    id: "tokensCached",
    width: "50px",
    from: 800,
    numeric: true,
    hint: true,
    cell: (row, { format }) => <span className={classes.dim}>{format.compact(row.tokensCached)}</span>,
  },
  {
    id: "firstToken",
    width: "58px",
    numeric: true,
    hint: true,
    cell: (row, { format }) => format.duration(row.firstTokenMs),
  },
  {
    id: "duration",
    width: "62px",
    numeric: true,
    hint: true,
    cell: (row, { format }) =>
      isTicking(row) ? (
        <Ticking ms={row.durationMs} at={row.readAt} format={format.duration} />
      ) : (
        format.duration(row.durationMs)
      ),
  },
  {
    id: "attempts",
    width: "34px",
    from: 660,
    numeric: true,
    hint: true,
    cell: (row) => <span className={row.attemptCount > 1 ? undefined : classes.dim}>{row.attemptCount}</span>,
  },
] as const satisfies readonly Column[];
