import { Button, Skeleton } from "@mantine/core";
import { IconPlus, IconUserPlus } from "@tabler/icons-react";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useAccounts, useProviders } from "@/api/accountQueries";
import { findWay } from "@/api/accounts";
import { useChangeSettings, useStatus } from "@/api/queries";
import { accountStates, turningPoints } from "@/api/standing";
import type { Account, Provider, Reference } from "@/api/types";
import { useText } from "@/i18n/text";
import { Blank } from "@/ui/Blank";
import { useNowAfter } from "@/ui/clock";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { useSearchParam, useSetSearchParams } from "@/ui/useSearchParam";
import { AccountList } from "./AccountList";
import classes from "./AccountsPage.module.css";
import { Dialogs } from "./Dialogs";
import { countStates, groupAccounts, selectAccounts, type AccountFilter } from "./filter";
import { Toolbar } from "./Toolbar";
import { useAct } from "./useAct";
import { useDialog, type OpenDialog } from "./useDialog";
import { useMove } from "./useMove";

const noProviders: Provider[] = [];
const noAccounts: Account[] = [];

/** Every sign-in at a provider: how it stands, and what to do about it. */
export default function AccountsPage() {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const providers = useProviders();
  const dialog = useDialog();
  // What was read before stays: a lost connection is said on top of the page.
  const error = (accounts.data ? null : accounts.error) ?? (providers.data ? null : providers.error);
  const retry = () => {
    if (accounts.error) void accounts.refetch();
    if (providers.error) void providers.refetch();
  };
  return (
    <Page title={t("accounts.title")} aside={<Heading open={dialog.open} />} fill>
      {error ? (
        <div className={classes.state}>
          <Notice
            tone="bad"
            title={t("accounts.error")}
            action={<Button onClick={retry}>{t("common.retry")}</Button>}
          >
            {error.message}
          </Notice>
        </div>
      ) : accounts.data && providers.data ? (
        <Content accounts={accounts.data} providers={providers.data} open={dialog.open} />
      ) : (
        <div className={classes.loading} aria-busy aria-label={t("common.loading")}>
          {Array.from({ length: 3 }, (_, line) => (
            <Skeleton key={line} height={68} />
          ))}
        </div>
      )}
      <Dialogs
        dialog={dialog}
        accounts={accounts.data ?? noAccounts}
        providers={providers.data ?? noProviders}
      />
    </Page>
  );
}

function Heading({ open }: { open: OpenDialog }) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        onClick={() => {
          open("import");
        }}
      >
        {t("accounts.import")}
      </Button>
      <Button
        variant="filled"
        leftSection={<IconPlus size={14} />}
        onClick={() => {
          open("add");
        }}
      >
        {t("accounts.add")}
      </Button>
    </>
  );
}

interface ContentProps {
  accounts: readonly Account[];
  providers: readonly Provider[];
  open: OpenDialog;
}

function useFilter() {
  const [state, setState] = useSearchParam("state");
  const [text, setText] = useSearchParam("text");
  const setParams = useSetSearchParams();
  const filter = useMemo<AccountFilter>(
    () => ({ state: accountStates.find((known) => known === state) ?? "", text }),
    [state, text],
  );
  const clear = () => {
    setParams({ state: "", text: "" });
  };
  return { filter, setState, setText, clear };
}

function useShown(
  accounts: readonly Account[],
  providers: readonly Provider[],
  filter: AccountFilter,
  now: number,
) {
  const text = useText();
  const words = (account: Account) => [
    account.name,
    account.identity,
    account.prefix,
    account.provider,
    account.tier,
    text(providers.find(({ kind }) => kind === account.provider)?.title),
    text(findWay(providers, account)?.title),
  ];
  return selectAccounts(accounts, filter, now, words);
}

function Content({ accounts, providers, open }: ContentProps) {
  const { t } = useTranslation();
  const { filter, setState, setText, clear } = useFilter();
  const now = useNowAfter(turningPoints(accounts));
  const shown = useShown(accounts, providers, filter, now);
  const { move, step, said } = useMove(accounts, shown);
  const act = useAct(open, step);
  const instead = useCallback(
    (way: Reference) => {
      open("add", { way });
    },
    [open],
  );
  if (accounts.length === 0) return <Empty open={open} />;
  return (
    <>
      <Toolbar
        filter={filter}
        total={accounts.length}
        counts={countStates(accounts, now)}
        onText={setText}
        onState={setState}
      />
      {shown.length > 0 ? (
        <AccountList
          key={`${filter.state} ${filter.text}`}
          items={groupAccounts(shown, providers, now)}
          providers={providers}
          onAction={act}
          onInstead={instead}
          onMove={move}
        />
      ) : (
        <Blank
          title={t("accounts.noMatch.title")}
          action={<Button onClick={clear}>{t("accounts.noMatch.clear")}</Button>}
        >
          {t("accounts.noMatch.hint")}
        </Blank>
      )}
      <div className="said" aria-live="assertive">
        {said}
      </div>
      <div className={classes.foot} aria-live="polite">
        {shown.length === accounts.length
          ? t("accounts.total", { count: accounts.length })
          : t("accounts.shown", { shown: shown.length, total: accounts.length })}
        {shown.length > 0 && shown.length < accounts.length && (
          <Button size="compact-xs" variant="subtle" onClick={clear}>
            {t("accounts.noMatch.clear")}
          </Button>
        )}
      </div>
    </>
  );
}

function Empty({ open }: { open: OpenDialog }) {
  const { t } = useTranslation();
  const { data: status } = useStatus();
  const changeSettings = useChangeSettings();
  return (
    <Blank
      icon={<IconUserPlus size={28} stroke={1.5} />}
      title={t("accounts.empty.title")}
      action={
        <div className={classes.buttons}>
          <Button
            variant="filled"
            onClick={() => {
              open("add");
            }}
          >
            {t("accounts.add")}
          </Button>
          <Button
            onClick={() => {
              open("import");
            }}
          >
            {t("accounts.import")}
          </Button>
          {status?.demo === false && (
            <Button
              loading={changeSettings.isPending}
              onClick={() => {
                changeSettings.mutate({ demo: true });
              }}
            >
              {t("accounts.empty.demo")}
            </Button>
          )}
        </div>
      }
    >
      <p>{t("accounts.empty.hint")}</p>
      <p>{t(status?.demo ? "accounts.empty.demoOn" : "accounts.empty.demoHint")}</p>
    </Blank>
  );
}
