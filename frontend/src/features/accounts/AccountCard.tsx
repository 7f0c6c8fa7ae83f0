import { ActionIcon, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { memo, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { findWay, type AccountAction } from "@/api/accounts";
import type { Account, Provider, Reference } from "@/api/types";
import { useText } from "@/i18n/text";
import { Activity } from "./Activity";
import classes from "./AccountCard.module.css";
import { CardMenu, type MenuAction } from "./CardMenu";
import { maskIdentity, maskName } from "@/api/identity";
import { Grip } from "./Grip";
import { HourDots } from "./HourDots";
import { Quotas } from "./Quotas";
import { Reason } from "./Reason";
import { RestingModels } from "./RestingModels";
import { StateChip } from "./StateChip";

interface AccountCardProps {
  account: Account;
  providers: readonly Provider[];
  /** Say that there is a place above and one below to take it to. */
  up: boolean;
  down: boolean;
  onAction: (action: AccountAction | MenuAction, account: Account, model?: string) => void;
  onInstead: (way: Reference) => void;
}

/** One account: who it is, how it stands, what is left of it, and what can be done. */
export const AccountCard = memo(function AccountCard(props: AccountCardProps) {
  const { account, providers, up, down, onAction, onInstead } = props;
  const id = useId();
  const way = findWay(providers, account);
  return (
    <article className={classes.card} aria-labelledby={id} data-off={account.state === "off" || undefined}>
      {(up || down) && (
        <Grip
          account={account}
          onMove={(step) => {
            onAction(step < 0 ? "up" : "down", account);
          }}
        />
      )}
      <div className={classes.head}>
        <Who account={account} id={id} />
        <span aria-live="polite">
          <StateChip account={account} way={way} />
        </span>
        <CardMenu account={account} way={way} up={up} down={down} onAction={onAction} />
      </div>
      <div className={classes.line}>
        <Facts account={account} providers={providers} />
        <HourDots dots={account.dots} />
      </div>
      <Activity account={account} />
      <Reason account={account} providers={providers} onAction={onAction} onInstead={onInstead} />
      <RestingModels
        account={account}
        onRetry={(about, model) => {
          onAction("retry", about, model);
        }}
      />
      <Quotas quotas={account.quotas} />
    </article>
  );
});

function Who({ account, id }: { account: Account; id: string }) {
  const { t } = useTranslation();
  const [revealed, setRevealed] = useState(false);
  const { name, identity } = account;
  const hidden = maskName(name) !== name || identity !== "";
  const label = t(revealed ? "accounts.card.hide" : "accounts.card.reveal", { name: maskName(name) });
  return (
    <div className={classes.who}>
      <h3 id={id} className={classes.name}>
        {revealed ? name : maskName(name)}
      </h3>
      {identity !== "" && identity !== name && (
        <span className={classes.identity}>{revealed ? identity : maskIdentity(identity)}</span>
      )}
      {hidden && (
        <Tooltip label={label}>
          <ActionIcon
            size={22}
            aria-label={label}
            aria-pressed={revealed}
            onClick={() => {
              setRevealed(!revealed);
            }}
          >
            {revealed ? <IconEyeOff size={14} /> : <IconEye size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}

function Facts({ account, providers }: Pick<AccountCardProps, "account" | "providers">) {
  const { t } = useTranslation();
  const text = useText();
  const title = text(findWay(providers, account)?.title) || account.way;
  const facts = [
    title === account.name ? "" : title,
    account.tier,
    account.original ? t("accounts.card.original") : "",
    account.state === "ready" || account.modelCount > 0
      ? t("accounts.card.models", { count: account.modelCount })
      : "",
    account.weight > 1 ? t("accounts.card.weight", { weight: account.weight }) : "",
    account.priority === 0 ? "" : t("accounts.card.priority", { priority: account.priority }),
    account.network.proxy ? t("accounts.card.ownProxy") : "",
  ].filter(Boolean);
  return (
    <div className={classes.facts}>
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
      {account.prefix && <code title={t("accounts.card.prefix")}>{account.prefix}/</code>}
      {account.masked && <code title={t("accounts.card.key")}>{account.masked}</code>}
    </div>
  );
}
