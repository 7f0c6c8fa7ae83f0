import { useTranslation } from "react-i18next";
import { outcomeOf } from "@/api/exchange";
import type { RunningExchange } from "@/api/running";
import type { Exchange } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { StatusChip } from "@/ui/StatusChip";
import { Ticking } from "@/ui/Ticking";
import classes from "./RecentTable.module.css";

type Row = Exchange | RunningExchange;

interface RecentTableProps {
  rows: readonly Row[];
  onOpen: (id: number) => void;
}

/** A short table of requests; each opens its details. */
export function RecentTable({ rows, onOpen }: RecentTableProps) {
  const { t } = useTranslation();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("requests.column.time")}</th>
          <th scope="col">{t("requests.column.model")}</th>
          <th scope="col">{t("requests.column.client")}</th>
          <th scope="col">{t("requests.column.status")}</th>
          <th scope="col" className={classes.number}>
            {t("overview.tokens")}
          </th>
          <th scope="col" className={classes.number}>
            {t("requests.column.duration")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <RecentRow key={row.id} row={row} onOpen={onOpen} />
        ))}
      </tbody>
    </table>
  );
}

function RecentRow({ row, onOpen }: { row: Row; onOpen: (id: number) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const outcome = outcomeOf(row);
  const ticking = "readAt" in row && row.endedAt === undefined;
  return (
    <tr
      onClick={() => {
        onOpen(row.id);
      }}
    >
      <td className={classes.dim}>{format.clock(row.start)}</td>
      <td className={classes.model}>
        {/* The click bubbles to the row; the button is for the keyboard. */}
        <button type="button" className={classes.open}>
          {row.asked || t("common.unknown")}
        </button>
      </td>
      <td className={classes.client}>{row.client}</td>
      <td>
        <StatusChip
          look={outcome}
          label={row.running ? t("outcome.running") : String(row.status)}
          hint={t(`outcome.${outcome}`)}
        />
      </td>
      <td className={classes.number}>
        {format.count(row.tokensIn)} / {format.count(row.tokensOut)}
      </td>
      <td className={classes.number}>
        {ticking ? (
          <Ticking ms={row.durationMs} at={row.readAt} format={format.duration} />
        ) : (
          format.duration(row.durationMs)
        )}
      </td>
    </tr>
  );
}
