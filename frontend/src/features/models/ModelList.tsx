import { Button } from "@mantine/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useProviders } from "@/api/accountQueries";
import { useChangeSettings, useSettings } from "@/api/queries";
import { turningPoints } from "@/api/standing";
import type { Account, Model } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { Blank } from "@/ui/Blank";
import { useNowAfter } from "@/ui/clock";
import { notify } from "@/ui/notify";
import { useSearchParam, useSetSearchParams } from "@/ui/useSearchParam";
import type { ModelAction } from "./actions";
import { capabilities, linesOf, narrows, selectModels, type ModelFilter } from "./filter";
import { ModelPanel } from "./ModelPanel";
import classes from "./ModelsPage.module.css";
import { ModelTable } from "./ModelTable";
import { useAliases } from "./queries";
import { Toolbar } from "./Toolbar";
import { useTrials } from "./trials";
import { useMark } from "./useMark";

function useFilter() {
  const [text] = useSearchParam("text");
  const [provider] = useSearchParam("provider");
  const [can] = useSearchParam("can");
  const [account] = useSearchParam("account");
  const [hidden] = useSearchParam("hidden");
  return useMemo<ModelFilter>(
    () => ({
      text,
      provider,
      can: capabilities.find((known) => known === can) ?? "",
      account,
      hidden: hidden === "1",
    }),
    [text, provider, can, account, hidden],
  );
}

/** The providers that have models, in the order of the program. */
function useOffered(models: readonly Model[]) {
  const { data: providers = [] } = useProviders();
  const text = useText();
  const kinds = new Set(models.map(({ provider }) => provider));
  return [...kinds]
    .map((kind) => ({ kind, title: text(providers.find((one) => one.kind === kind)?.title) || kind }))
    .toSorted((a, b) => a.title.localeCompare(b.title));
}

interface ModelListProps {
  models: readonly Model[];
  accounts: readonly Account[];
}

/** The models: to find, to mark and to try. */
export function ModelList({ models, accounts }: ModelListProps) {
  const { t } = useTranslation();
  const filter = useFilter();
  const setParams = useSetSearchParams();
  const [opened, setOpened] = useSearchParam("model");
  const { data: aliases = [] } = useAliases();
  const { data: settings } = useSettings();
  const changeSettings = useChangeSettings();
  const { trials, begin } = useTrials();
  const mark = useMark();
  const providers = useOffered(models);
  const now = useNowAfter(turningPoints(accounts));
  const byId = useMemo(() => new Map(accounts.map((account) => [account.id, account])), [accounts]);
  const shown = useMemo(() => selectModels(models, filter), [models, filter]);
  const lines = useMemo(() => linesOf(shown, filter.hidden), [shown, filter.hidden]);
  const open = models.find(({ id }) => id === opened);

  const act = useCallback(
    (action: ModelAction, model: Model) => {
      switch (action) {
        case "open":
          setOpened(model.id);
          return;
        case "favourite":
          mark([model], { favourite: !model.favourite });
          return;
        case "hide":
          mark([model], { hidden: !model.hidden });
          return;
        case "test":
          begin(model.id);
          return;
        case "copy":
          void copyText(model.id).then(() => {
            notify({ id: "model-copied", message: t("models.copied", { name: model.id }) });
          });
          return;
      }
    },
    [setOpened, mark, begin, t],
  );
  const fold = () => {
    setParams({ hidden: filter.hidden ? "" : "1" });
  };
  const clear = () => {
    setParams({ text: "", provider: "", can: "", account: "" });
  };
  return (
    <>
      <Toolbar filter={filter} providers={providers} accounts={accounts} onChange={setParams} />
      {lines.length > 0 ? (
        <ModelTable lines={lines} accounts={byId} now={now} trials={trials} onAct={act} onFold={fold} />
      ) : (
        <Blank
          title={t("models.noMatch.title")}
          action={<Button onClick={clear}>{t("models.noMatch.clear")}</Button>}
        >
          {t("models.noMatch.hint")}
        </Blank>
      )}
      <Foot models={models} shown={shown} filter={filter} onClear={clear} onMark={mark} />
      {open && (
        <ModelPanel
          model={open}
          accounts={byId}
          aliases={aliases}
          now={now}
          trial={trials.get(open.id)}
          isDefault={settings?.defaultModel === open.id}
          onAct={act}
          onDefault={() => {
            changeSettings.mutate({ defaultModel: open.id });
          }}
          onClose={() => {
            setOpened("");
          }}
        />
      )}
    </>
  );
}

interface FootProps {
  models: readonly Model[];
  shown: readonly Model[];
  filter: ModelFilter;
  onClear: () => void;
  onMark: ReturnType<typeof useMark>;
}

/** How many there are, and what can be done with all that a filter found. */
function Foot({ models, shown, filter, onClear, onMark }: FootProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const visible = shown.filter(({ hidden }) => !hidden);
  const hidden = shown.filter((model) => model.hidden);
  const narrowed = narrows(filter);
  return (
    <div className={classes.foot}>
      <span aria-live="polite">
        {narrowed
          ? t("models.shown", { shown: format.count(shown.length), total: format.count(models.length) })
          : t("models.total", { count: models.length, formatted: format.count(models.length) })}
      </span>
      {narrowed && shown.length > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={onClear}>
          {t("models.noMatch.clear")}
        </Button>
      )}
      {narrowed && visible.length > 0 && (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => {
            onMark(visible, { hidden: true });
          }}
        >
          {t("models.hideAll", { count: visible.length })}
        </Button>
      )}
      {(narrowed || filter.hidden) && hidden.length > 0 && (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => {
            onMark(hidden, { hidden: false });
          }}
        >
          {t("models.showAll", { count: hidden.length })}
        </Button>
      )}
      <Link className={classes.footLink} to="/models?view=aliases">
        {t("models.toAliases")}
      </Link>
    </div>
  );
}
