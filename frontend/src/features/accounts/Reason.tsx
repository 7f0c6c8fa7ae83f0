import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { actionsFor, findWay, type AccountAction } from "@/api/accounts";
import type { Account, Provider, Reference } from "@/api/types";
import { useRestWords } from "@/i18n/rest";
import { useText } from "@/i18n/text";
import { Outside } from "./Outside";
import classes from "./Reason.module.css";
import { useStanding } from "./useStanding";

interface ReasonProps {
  account: Account;
  providers: readonly Provider[];
  /** Buttons that are not offered here, as one that the place has by itself. */
  onAction: (action: AccountAction, account: Account) => void;
  onInstead: (way: Reference) => void;
}

/** Why an account is not ready, and everything that can be done about it. */
export function Reason({ account, providers, onAction, onInstead }: ReasonProps) {
  const { t } = useTranslation();
  const restWords = useRestWords();
  const { state, rest } = useStanding(account);
  if (state === "ready" || state === "checking") return null;
  const actions = actionsFor(account, state, findWay(providers, account));
  const said = account.state === "ready" ? "" : account.reason;
  if (!said && !rest && !account.link && actions.length === 0) return null;
  return (
    <div className={classes.reason}>
      {(said || rest) && (
        <div className={classes.words}>
          {said && <p>{said}</p>}
          {rest && <p>{restWords(rest)}</p>}
        </div>
      )}
      <div className={classes.actions}>
        {account.link && <Outside href={account.link}>{t("accounts.card.openPage")}</Outside>}
        {actions.map((action) => (
          <Button
            key={action}
            size="compact-sm"
            onClick={() => {
              onAction(action, account);
            }}
          >
            {t(`account.action.${action}`)}
          </Button>
        ))}
        <Instead ways={account.instead} providers={providers} onInstead={onInstead} />
      </div>
    </div>
  );
}

interface InsteadProps {
  ways: readonly Reference[];
  providers: readonly Provider[];
  onInstead: (way: Reference) => void;
}

/** A button for each way that remains (B21). */
export function Instead({ ways, providers, onInstead }: InsteadProps) {
  const { t } = useTranslation();
  const text = useText();
  return ways.map((reference) => {
    const way = findWay(providers, reference);
    if (!way) return null;
    return (
      <Button
        key={`${reference.provider}/${reference.way}`}
        size="compact-sm"
        onClick={() => {
          onInstead(reference);
        }}
      >
        {t("accounts.instead", { way: text(way.title) })}
      </Button>
    );
  });
}
