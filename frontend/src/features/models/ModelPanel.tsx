import { Button } from "@mantine/core";
import { IconEye, IconEyeOff, IconPlayerPlay, IconStar, IconStarFilled } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { maskName } from "@/api/identity";
import { looks } from "@/api/standing";
import type { Account, AliasState, Model } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { useFormat } from "@/i18n/format";
import { CopyButton } from "@/ui/CopyButton";
import { SidePanel } from "@/ui/SidePanel";
import { StatusChip } from "@/ui/StatusChip";
import { capabilities, serversOf } from "./filter";
import classes from "./ModelPanel.module.css";
import type { ModelAction } from "./actions";
import type { TrialState } from "./trials";
import { TrialReport } from "./TrialReport";

interface ModelPanelProps {
  model: Model;
  accounts: ReadonlyMap<number, Account>;
  aliases: readonly AliasState[];
  now: number;
  trial: TrialState | undefined;
  isDefault: boolean;
  onAct: (action: ModelAction, model: Model) => void;
  onDefault: () => void;
  onClose: () => void;
}

/** All that is known of one model, and what can be done with it. */
export function ModelPanel(props: ModelPanelProps) {
  const { model, trial, onClose } = props;
  const { t } = useTranslation();
  return (
    <SidePanel
      title={model.id}
      closeLabel={t("common.close")}
      onClose={onClose}
      aside={
        <CopyButton
          label={t("models.action.copy")}
          done={t("common.copied")}
          onCopy={() => copyText(model.id)}
        />
      }
    >
      <div className={classes.body}>
        {(model.title ?? model.description) && (
          <div>
            {model.title && <div className={classes.title}>{model.title}</div>}
            {model.description && <p className={classes.dim}>{model.description}</p>}
          </div>
        )}
        <Buttons {...props} />
        {trial && <TrialReport trial={trial} />}
        <Facts {...props} />
        <ServerList {...props} />
      </div>
    </SidePanel>
  );
}

function Buttons({ model, trial, isDefault, onAct, onDefault }: ModelPanelProps) {
  const { t } = useTranslation();
  const act = (action: ModelAction) => () => {
    onAct(action, model);
  };
  return (
    <div>
      <div className={classes.buttons}>
        <Button
          variant="filled"
          leftSection={<IconPlayerPlay size={14} />}
          loading={trial === "running"}
          onClick={act("test")}
        >
          {t("models.action.test")}
        </Button>
        <Button
          leftSection={model.favourite ? <IconStarFilled size={14} /> : <IconStar size={14} />}
          onClick={act("favourite")}
        >
          {t(model.favourite ? "models.action.unfavourite" : "models.action.favourite")}
        </Button>
        <Button
          leftSection={model.hidden ? <IconEye size={14} /> : <IconEyeOff size={14} />}
          onClick={act("hide")}
        >
          {t(model.hidden ? "models.action.show" : "models.action.hide")}
        </Button>
        {!isDefault && <Button onClick={onDefault}>{t("models.action.default")}</Button>}
      </div>
      <p className={classes.fine}>{t("models.test.costs")}</p>
      {model.hidden && <p className={classes.fine}>{t("models.hiddenHint")}</p>}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Facts({ model, aliases, isDefault }: ModelPanelProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = capabilities.filter((name) => model.can[name]);
  const named = aliases.filter(({ models }) => models.includes(model.id)).map(({ name }) => name);
  const tokens = (value: number) =>
    value > 0 ? t("models.tokens", { formatted: format.count(value) }) : "–";
  return (
    <dl className={classes.facts}>
      <Fact label={t("models.column.context")}>{tokens(model.contextTokens)}</Fact>
      <Fact label={t("models.column.output")}>{tokens(model.outputTokens)}</Fact>
      <Fact label={t("models.column.can")}>
        {can.length > 0 ? can.map((name) => t(`models.can.${name}`)).join(" · ") : t("models.canUnknown")}
      </Fact>
      <Fact label={t("models.ownedBy")}>{model.ownedBy || "–"}</Fact>
      {named.length > 0 && <Fact label={t("models.alias.title")}>{named.join(" · ")}</Fact>}
      {isDefault && <Fact label={t("models.default.title")}>{t("common.yes")}</Fact>}
    </dl>
  );
}

function ServerList({ model, accounts, now }: ModelPanelProps) {
  const { t } = useTranslation();
  const servers = serversOf(model, accounts, now);
  return (
    <section>
      <h3 className={classes.heading}>{t("models.servedBy", { count: servers.length })}</h3>
      <ul className={classes.servers}>
        {servers.map(({ account, state }) => (
          <li key={account.id}>
            <Link to={`/accounts?text=${encodeURIComponent(account.name)}`}>{maskName(account.name)}</Link>
            <StatusChip look={looks[state]} label={t(`account.state.${state}`)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
