import { Button, Skeleton, Tabs } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { ApiError } from "@/api/client";
import { outcomeOf } from "@/api/exchange";
import { useRunning } from "@/api/queries";
import type { RunningExchange } from "@/api/running";
import type { ExchangeDetail } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { CopyButton } from "@/ui/CopyButton";
import { Notice } from "@/ui/Notice";
import { SidePanel } from "@/ui/SidePanel";
import { StatusChip } from "@/ui/StatusChip";
import { AttemptsTab } from "./AttemptsTab";
import { marked, useCompared } from "./compare";
import { NotesTab } from "./NotesTab";
import { OverviewTab } from "./OverviewTab";
import { useExchange } from "./queries";
import classes from "./RequestDrawer.module.css";
import { RequestTab } from "./RequestTab";
import { ResponseTab } from "./ResponseTab";

interface RequestDrawerProps {
  id: number;
  onClose: () => void;
}

/** What is known of one that runs: its row is newer than what was read. */
function withLive(
  detail: ExchangeDetail | undefined,
  live: RunningExchange | undefined,
): ExchangeDetail | undefined {
  if (!live || detail?.running === false) return detail;
  return { attempts: [], notes: [], remarks: [], bodyPolicy: "errors", queueMs: 0, ...detail, ...live };
}

/** All about one request, at the right of whatever page is shown. */
export default function RequestDrawer({ id, onClose }: RequestDrawerProps) {
  const { t } = useTranslation();
  const query = useExchange(id);
  const { data: running } = useRunning();
  const live = running?.find((exchange) => exchange.id === id);
  const detail = withLive(query.data, live);
  // The next request is shown by the same tab: one looks for the same in both.
  const [shown, setShown] = useState("overview");
  const gone = query.error instanceof ApiError && query.error.status === 404;

  return (
    <SidePanel
      title={t("detail.title", { id })}
      closeLabel={t("common.close")}
      onClose={onClose}
      aside={
        <>
          <CopyButton
            label={t("detail.copyId")}
            done={t("common.copied")}
            onCopy={() => copyText(String(id))}
          />
          <Mark id={id} />
          {detail && <State detail={detail} />}
        </>
      }
    >
      {detail ? (
        <Details key={id} detail={detail} shown={shown} onShow={setShown} />
      ) : query.isError ? (
        <div className={classes.pad}>
          <Notice
            tone={gone ? "quiet" : "bad"}
            title={t(gone ? "detail.gone" : "detail.error")}
            action={!gone && <Button onClick={() => void query.refetch()}>{t("common.retry")}</Button>}
          >
            {!gone && query.error.message}
          </Notice>
        </div>
      ) : (
        <Loading />
      )}
    </SidePanel>
  );
}

/** Marks the request to be compared, or compares it with the one that is marked. */
function Mark({ id }: { id: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { chosen, set } = useCompared();
  const [first] = chosen;
  const label =
    first === undefined
      ? t("drawer.compare.action")
      : first === id
        ? t("drawer.compare.unmark")
        : t("drawer.compare.with", { id: first });
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      onClick={() => {
        const next = marked(chosen, id);
        if (pathname === "/requests") set(next);
        else void navigate(`/requests?request=${id}&compare=${next.join(",")}`);
      }}
    >
      {label}
    </Button>
  );
}

function State({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  const outcome = outcomeOf(detail);
  const word = t(`outcome.${outcome}`);
  return <StatusChip look={outcome} label={detail.running ? word : `${detail.status} ${word}`} />;
}

interface DetailsProps {
  detail: ExchangeDetail;
  shown: string;
  onShow: (tab: string) => void;
}

function Details({ detail, shown, onShow }: DetailsProps) {
  const { t } = useTranslation();
  const tabs = [
    ["overview", t("detail.overview"), <OverviewTab detail={detail} />],
    [
      "attempts",
      t("drawer.tab.attempts"),
      <AttemptsTab attempts={detail.attempts} />,
      detail.attempts.length,
    ],
    ["request", t("drawer.request"), <RequestTab detail={detail} />],
    ["response", t("detail.response"), <ResponseTab detail={detail} />],
    ["notes", t("drawer.tab.notes"), <NotesTab remarks={detail.remarks} />, detail.remarks.length],
  ] as const;
  return (
    <Tabs
      value={shown}
      keepMounted={false}
      onChange={(tab) => {
        if (tab) onShow(tab);
      }}
    >
      <Tabs.List className={classes.tabs ?? ""}>
        {tabs.map(([name, label, , count = 0]) => (
          <Tabs.Tab key={name} value={name}>
            {label}
            {count > 0 && <span className={classes.count}> {count}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(([name, , content]) => (
        <Tabs.Panel key={name} value={name} className={classes.pad ?? ""}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div className={classes.pad} role="status" aria-label={t("common.loading")}>
      {Array.from({ length: 8 }, (_, line) => (
        <Skeleton key={line} height={12} mb={16} />
      ))}
    </div>
  );
}
