import { Button, Skeleton, Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
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
  return { attempts: [], notes: [], bodyPolicy: "errors", queueMs: 0, ...detail, ...live };
}

/** All about one request, at the right of whatever page is shown. */
export default function RequestDrawer({ id, onClose }: RequestDrawerProps) {
  const { t } = useTranslation();
  const query = useExchange(id);
  const { data: running } = useRunning();
  const live = running?.find((exchange) => exchange.id === id);
  const detail = withLive(query.data, live);
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
          {detail && <State detail={detail} />}
        </>
      }
    >
      {detail ? (
        <Details key={id} detail={detail} />
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

function State({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  const outcome = outcomeOf(detail);
  const word = t(`outcome.${outcome}`);
  return <StatusChip look={outcome} label={detail.running ? word : `${detail.status} ${word}`} />;
}

function Details({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  return (
    <Tabs defaultValue="overview" keepMounted={false}>
      <Tabs.List className={classes.tabs ?? ""}>
        <Tabs.Tab value="overview">{t("detail.overview")}</Tabs.Tab>
        <Tabs.Tab value="request">{t("drawer.request")}</Tabs.Tab>
        <Tabs.Tab value="response">{t("detail.response")}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="overview" className={classes.pad ?? ""}>
        <OverviewTab detail={detail} />
      </Tabs.Panel>
      <Tabs.Panel value="request" className={classes.pad ?? ""}>
        <RequestTab detail={detail} />
      </Tabs.Panel>
      <Tabs.Panel value="response" className={classes.pad ?? ""}>
        <ResponseTab detail={detail} />
      </Tabs.Panel>
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
