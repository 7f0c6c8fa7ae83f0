import { Anchor } from "@mantine/core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRunning, useSettings, useWipe } from "@/api/queries";
import { above, type RunningExchange } from "@/api/running";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/ui/Confirm";
import { notify } from "@/ui/notify";
import { Page } from "@/ui/Page";
import { useSearchParam, useSetSearchParams } from "@/ui/useSearchParam";
import type { Row } from "./columns";
import { marked, useCompared, type Chosen } from "./compare";
import { ComparePage } from "./ComparePage";
import { everything, useFilter, visibleRunning } from "./filter";
import { LogView } from "./LogView";
import { useLog } from "./queries";
import classes from "./RequestsPage.module.css";
import { Toolbar } from "./Toolbar";

const noRunning: RunningExchange[] = [];

/** The live log, or two of its requests beside each other. */
export default function RequestsPage() {
  const { chosen, set } = useCompared();
  if (chosen.length === 2) return <ComparePage ids={chosen} onChoose={set} />;
  return <LogPage chosen={chosen} onChoose={set} />;
}

interface LogPageProps {
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
}

function LogPage({ chosen, onChoose }: LogPageProps) {
  const { t } = useTranslation();
  const setParams = useSetSearchParams();
  const [requestId, setRequest] = useSearchParam("request");
  const filter = useFilter();
  const { query, readOlder, readingOlder } = useLog(filter);
  const { data: running = noRunning } = useRunning();
  const wipe = useWipe();
  const [wiping, setWiping] = useState(false);
  const [active, setActive] = useState(0);
  // Nothing newer than this id is shown while the log is paused; 0 is not paused.
  const [ceiling, setCeiling] = useState(0);

  const live = useMemo<Row[]>(() => {
    const logged = query.data?.rows ?? [];
    return [...above(visibleRunning(running, filter), logged), ...logged];
  }, [query.data, running, filter]);
  const rows = useMemo(() => (ceiling ? live.filter(({ id }) => id <= ceiling) : live), [live, ceiling]);

  const open = useCallback(
    (id: number) => {
      setActive(id);
      setRequest(String(id));
    },
    [setRequest],
  );
  const activate = (id: number) => {
    setActive(id);
    if (requestId) setRequest(String(id));
  };
  const pause = () => {
    setCeiling(ceiling ? 0 : Math.max(1, ...live.slice(0, 1000).map(({ id }) => id)));
  };
  const clearFilter = () => {
    setParams(everything);
  };

  return (
    <Page title={t("requests.title")} aside={<Kept />} fill>
      <Toolbar
        filter={filter}
        onText={(text) => {
          setParams({ text });
        }}
        onClass={(value) => {
          setParams({ class: value });
        }}
        onFilter={(changes) => {
          setParams({ ...changes });
        }}
        paused={ceiling > 0}
        waiting={live.length - rows.length}
        onPause={pause}
        onWipe={() => {
          setWiping(true);
        }}
      />
      <LogView
        rows={query.data ? rows : undefined}
        error={query.error}
        onRetry={() => void query.refetch()}
        filtered={Object.values(filter).some((value) => value !== "")}
        onClearFilter={clearFilter}
        activeId={active}
        onActivate={activate}
        onOpen={open}
        markedId={chosen[0] ?? 0}
        onMark={(id) => {
          onChoose(marked(chosen, id));
        }}
        onNearEnd={readOlder}
        readingOlder={readingOlder}
      />
      <Foot
        total={query.data?.total ?? -1}
        running={running.filter(({ endedAt }) => endedAt === undefined).length}
        markedId={chosen[0] ?? 0}
        onUnmark={() => {
          onChoose([]);
        }}
      />
      <Confirm
        opened={wiping}
        title={t("requests.wipeTitle")}
        confirm={t("requests.wipeConfirm")}
        cancel={t("common.cancel")}
        busy={wipe.isPending}
        onClose={() => {
          setWiping(false);
        }}
        onConfirm={() => {
          wipe.mutate(undefined, {
            onSuccess: () => notify({ message: t("requests.wiped") }),
            onSettled: () => {
              setWiping(false);
            },
          });
        }}
      >
        {t("requests.wipeHint")}
      </Confirm>
    </Page>
  );
}

/** Which bodies are kept, said on the page that shows them. */
function Kept() {
  const { t } = useTranslation();
  const { data: settings } = useSettings();
  if (!settings) return null;
  return (
    <span>
      {t(`requests.kept.${settings.keepBodies}`)}{" "}
      <Link to="/settings?section=requests">{t("requests.change")}</Link>
    </span>
  );
}

interface FootProps {
  total: number;
  running: number;
  /** The request that waits for another to be compared with; 0 is none. */
  markedId: number;
  onUnmark: () => void;
}

function Foot({ total, running, markedId, onUnmark }: FootProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.foot}>
      <span>{total >= 0 && t("requests.total", { count: total, formatted: format.count(total) })}</span>
      {running > 0 && <span>{t("requests.runningNow", { count: running })}</span>}
      <span className={classes.marked} role="status">
        {markedId > 0 && (
          <>
            {t("drawer.compare.marked", { id: markedId })}{" "}
            <Anchor component="button" inherit onClick={onUnmark}>
              {t("drawer.compare.unmark")}
            </Anchor>
          </>
        )}
      </span>
    </div>
  );
}
