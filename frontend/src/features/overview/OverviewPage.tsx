import { lazy, Suspense, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useModels, useRunning, useSetListener, useStatus, useChangeSettings } from "@/api/queries";
import { loadWords } from "@/i18n/words";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { useSearchParam } from "@/ui/useSearchParam";
import { ConnectionCard } from "./ConnectionCard";
import { curlCommand } from "./curl";
import classes from "./OverviewPage.module.css";
import { useKeySecret, useRecent } from "./queries";
import { RecentRequests } from "./RecentRequests";
import { TodayFigures } from "./TodayFigures";

// Mostly there is nobody who needs anything.
const NeedsYou = lazy(async () => {
  const [part] = await Promise.all([import("./NeedsYou"), loadWords()]);
  return part;
});

// The figures above say the most; what takes room and time to draw comes after.
const Activity = lazy(async () => {
  const [part] = await Promise.all([import("./Activity"), loadWords()]);
  return part;
});

interface OverviewPageProps {
  /** The shell's switch: there is one way to start and stop the listener. */
  listenerSwitch: ReactNode;
}

/** What a person needs to see first: where clients connect, and how it goes. */
export function OverviewPage({ listenerSwitch }: OverviewPageProps) {
  const { t } = useTranslation();
  const status = useStatus();
  const models = useModels();
  const recent = useRecent();
  const running = useRunning();
  const setListener = useSetListener();
  const changeSettings = useChangeSettings();
  const secret = useKeySecret(status.data?.keyId ?? 0);
  const [, openRequest] = useSearchParam("request");

  const listener = status.data?.listener;
  const accounts = status.data?.accounts;
  const model = models.data?.[0]?.id ?? "demo/chat";
  return (
    <Page title={t("overview.title")}>
      <div className={classes.stack}>
        {status.data?.configProblem && (
          <Notice tone="warn" title={t("overview.configProblem")}>
            {status.data.configProblem}
          </Notice>
        )}
        {status.data?.warnings.map((warning) => (
          <Notice key={warning} tone="warn">
            {warning}
          </Notice>
        ))}
        {status.isError && <Notice tone="bad">{status.error.message}</Notice>}
        <ConnectionCard
          status={status.data}
          listenerSwitch={listenerSwitch}
          secret={secret}
          curl={(key) => curlCommand({ baseUrl: listener?.baseUrl ?? "", key, model })}
        />
        <TodayFigures status={status.data} />
        {accounts && accounts.ready < accounts.total && (
          <Suspense>
            <NeedsYou />
          </Suspense>
        )}
        <Suspense fallback={<div className={classes.later} />}>
          <Activity />
        </Suspense>
        <RecentRequests
          exchanges={recent.data}
          running={running.data ?? []}
          error={recent.error}
          onRetry={() => void recent.refetch()}
          onOpen={(id) => {
            openRequest(String(id));
          }}
          listening={listener?.state === "running"}
          demo={status.data?.demo ?? true}
          onStart={() => {
            setListener.mutate({ running: true });
          }}
          onDemo={() => {
            changeSettings.mutate({ demo: true });
          }}
        />
      </div>
    </Page>
  );
}
