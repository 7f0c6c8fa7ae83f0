import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconBox } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAccounts } from "@/api/accountQueries";
import { useModels } from "@/api/queries";
import { Blank } from "@/ui/Blank";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { useSetSearchParams, useSearchParam } from "@/ui/useSearchParam";
import { AliasesView } from "./AliasesView";
import { ModelList } from "./ModelList";
import classes from "./ModelsPage.module.css";
import { Refresh, Silent } from "./Refresh";

const views = ["models", "aliases"] as const;

/** Every model of every account, and the names that stand for them. */
export default function ModelsPage() {
  const { t } = useTranslation();
  const models = useModels();
  const accounts = useAccounts();
  const [view] = useSearchParam("view");
  const setParams = useSetSearchParams();
  const shown = views.find((known) => known === view) ?? "models";
  // What was read before stays: a lost connection is said on top of the page.
  const error = (models.data ? null : models.error) ?? (accounts.data ? null : accounts.error);
  const retry = () => {
    if (models.error) void models.refetch();
    if (accounts.error) void accounts.refetch();
  };
  return (
    <Page title={t("models.title")} aside={<Refresh accounts={accounts.data ?? []} />} fill>
      <div className={classes.views}>
        <SegmentedControl
          aria-label={t("models.view.label")}
          value={shown}
          onChange={(value) => {
            setParams({ view: value === "models" ? "" : value, model: "" });
          }}
          data={views.map((value) => ({ value, label: t(`models.view.${value}`) }))}
        />
      </div>
      {error ? (
        <div className={classes.state}>
          <Notice
            tone="bad"
            title={t("models.error")}
            action={<Button onClick={retry}>{t("common.retry")}</Button>}
          >
            {error.message}
          </Notice>
        </div>
      ) : models.data && accounts.data ? (
        <>
          {shown === "models" && <Silent accounts={accounts.data} />}
          {shown === "aliases" ? (
            <AliasesView models={models.data} />
          ) : models.data.length > 0 ? (
            <ModelList models={models.data} accounts={accounts.data} />
          ) : (
            <Empty waiting={accounts.data.some(({ enabled, state }) => enabled && state === "checking")} />
          )}
        </>
      ) : (
        <div className={classes.loading} aria-busy aria-label={t("common.loading")}>
          {Array.from({ length: 8 }, (_, line) => (
            <Skeleton key={line} height={24} />
          ))}
        </div>
      )}
    </Page>
  );
}

function Empty({ waiting }: { waiting: boolean }) {
  const { t } = useTranslation();
  return (
    <Blank
      icon={<IconBox size={28} stroke={1.5} />}
      title={t(waiting ? "models.empty.waiting" : "models.empty.title")}
      action={!waiting && <Link to="/accounts?dialog=add">{t("models.empty.action")}</Link>}
    >
      {t(waiting ? "models.empty.waitingHint" : "models.empty.hint")}
    </Blank>
  );
}
