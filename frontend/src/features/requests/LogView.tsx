import { Button, Skeleton } from "@mantine/core";
import { IconInbox, IconSearchOff } from "@tabler/icons-react";
import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import { Blank } from "@/ui/Blank";
import { Notice } from "@/ui/Notice";
import type { Row } from "./columns";
import classes from "./LogView.module.css";
import { RequestTable } from "./RequestTable";

interface LogViewProps extends Omit<ComponentProps<typeof RequestTable>, "rows"> {
  /** Undefined while they are read. */
  rows: readonly Row[] | undefined;
  error: Error | null;
  onRetry: () => void;
  filtered: boolean;
  onClearFilter: () => void;
}

/** The log in each of its states: being read, unreadable, empty, none that matches, many. */
export function LogView({ rows, error, onRetry, filtered, onClearFilter, ...table }: LogViewProps) {
  const { t } = useTranslation();
  if (error) {
    return (
      <div className={classes.state}>
        <Notice
          tone="bad"
          title={t("requests.error")}
          action={<Button onClick={onRetry}>{t("common.retry")}</Button>}
        >
          {error.message}
        </Notice>
      </div>
    );
  }
  if (!rows) return <Loading />;
  if (rows.length > 0) return <RequestTable rows={rows} {...table} />;
  return (
    <div className={classes.state}>
      {filtered ? (
        <Blank
          icon={<IconSearchOff size={28} stroke={1.5} />}
          title={t("requests.noMatch.title")}
          action={<Button onClick={onClearFilter}>{t("requests.noMatch.clear")}</Button>}
        >
          {t("requests.noMatch.hint")}
        </Blank>
      ) : (
        <Blank icon={<IconInbox size={28} stroke={1.5} />} title={t("requests.empty.title")}>
          {t("requests.empty.hint")}
        </Blank>
      )}
    </div>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div className={classes.loading} role="status" aria-label={t("common.loading")}>
      {Array.from({ length: 12 }, (_, line) => (
        <Skeleton key={line} height={12} />
      ))}
    </div>
  );
}
