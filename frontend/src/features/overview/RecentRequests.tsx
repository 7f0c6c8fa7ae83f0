import { Button, Skeleton } from "@mantine/core";
import { IconTerminal2 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { above, type RunningExchange } from "@/api/running";
import type { Exchange } from "@/api/types";
import { Blank } from "@/ui/Blank";
import { Notice } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import classes from "./RecentRequests.module.css";
import { RecentTable } from "./RecentTable";

interface RecentRequestsProps {
  exchanges: readonly Exchange[] | undefined;
  running: readonly RunningExchange[];
  error: Error | null;
  onRetry: () => void;
  onOpen: (id: number) => void;
  listening: boolean;
  demo: boolean;
  onStart: () => void;
  onDemo: () => void;
}

const shown = 10;

/** The last requests, or how to send the first one. */
export function RecentRequests(props: RecentRequestsProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t("overview.recent")} aside={<Link to="/requests">{t("overview.allRequests")}</Link>} flush>
      <Content {...props} />
    </Panel>
  );
}

function Content(props: RecentRequestsProps) {
  const { t } = useTranslation();
  const { exchanges, running, error } = props;
  if (error) {
    return (
      <div className={classes.notice}>
        <Notice
          tone="bad"
          title={t("requests.error")}
          action={<Button onClick={props.onRetry}>{t("common.retry")}</Button>}
        >
          {error.message}
        </Notice>
      </div>
    );
  }
  if (!exchanges) {
    return (
      <div className={classes.loading} aria-busy aria-label={t("common.loading")}>
        {Array.from({ length: 5 }, (_, line) => (
          <Skeleton key={line} height={12} />
        ))}
      </div>
    );
  }
  const rows = [...above(running, exchanges), ...exchanges].slice(0, shown);
  return rows.length > 0 ? <RecentTable rows={rows} onOpen={props.onOpen} /> : <NextStep {...props} />;
}

function NextStep({ listening, demo, onStart, onDemo }: RecentRequestsProps) {
  const { t } = useTranslation();
  const action = !listening ? (
    <Button variant="filled" onClick={onStart}>
      {t("overview.empty.start")}
    </Button>
  ) : (
    !demo && <Button onClick={onDemo}>{t("overview.empty.turnOnDemo")}</Button>
  );
  return (
    <Blank icon={<IconTerminal2 size={28} stroke={1.5} />} title={t("overview.empty.title")} action={action}>
      <p>{t(listening ? "overview.empty.running" : "overview.empty.stopped")}</p>
      {listening && !demo && <p>{t("overview.empty.demo")}</p>}
    </Blank>
  );
}
