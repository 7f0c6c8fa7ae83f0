import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAccounts, useProviders, useRetryAccount, useTestAccount } from "@/api/accountQueries";
import { actionsFor, findWay, needsYou, stateWord } from "@/api/accounts";
import { maskName } from "@/api/identity";
import { looks, restOf, stateOf, turningPoints, type AccountState } from "@/api/standing";
import type { Account, Way } from "@/api/types";
import { countdown } from "@/i18n/format";
import { useRestWords } from "@/i18n/rest";
import { useNowAfter } from "@/ui/clock";
import { Countdown } from "@/ui/Countdown";
import { Panel } from "@/ui/Panel";
import { StatusChip } from "@/ui/StatusChip";
import classes from "./NeedsYou.module.css";

const shown = 5;

interface Needy {
  account: Account;
  state: AccountState;
}

/** Those that wait for a person, then those that come back by themselves, the soonest first. */
function needyOf(accounts: readonly Account[], now: number): Needy[] {
  const end = ({ account }: Needy) => {
    const until = restOf(account, now)?.until;
    return until === undefined ? 0 : new Date(until).getTime();
  };
  return accounts
    .map((account) => ({ account, state: stateOf(account, now) }))
    .filter(({ state }) => needsYou(state))
    .sort((a, b) => Number(a.state === "resting") - Number(b.state === "resting") || end(a) - end(b));
}

/** The accounts that take no requests before somebody does something, or before they have rested. */
export default function NeedsYou() {
  const { t } = useTranslation();
  const { data: accounts = [] } = useAccounts();
  const { data: providers } = useProviders();
  const test = useTestAccount();
  const retry = useRetryAccount();
  const now = useNowAfter(turningPoints(accounts));
  const needy = needyOf(accounts, now);
  if (needy.length === 0) return null;
  const more = needy.length - shown;
  return (
    <Panel
      title={t("overview.needsYou")}
      aside={<Link to="/accounts">{t("overview.allAccounts")}</Link>}
      flush
    >
      <ul className={classes.list}>
        {needy.slice(0, shown).map((one) => (
          <Line
            key={one.account.id}
            {...one}
            now={now}
            way={findWay(providers, one.account)}
            onTest={() => {
              test.mutate(one.account.id);
            }}
            onRetry={() => {
              retry.mutate({ id: one.account.id });
            }}
          />
        ))}
        {more > 0 && (
          <li className={classes.more}>
            <Link to="/accounts">{t("overview.moreNeedYou", { count: more })}</Link>
          </li>
        )}
      </ul>
    </Panel>
  );
}

interface LineProps extends Needy {
  now: number;
  way: Way | undefined;
  onTest: () => void;
  onRetry: () => void;
}

function Line({ account, state, now, way, onTest, onRetry }: LineProps) {
  const { t } = useTranslation();
  const restWords = useRestWords();
  const rest = restOf(account, now);
  const reason = account.state === "ready" && rest ? restWords(rest) : account.reason;
  const action = actionsFor(account, state, way)[0];
  const words = action && t(`account.action.${action}`);
  const act = action === "test" ? onTest : action === "retry" ? onRetry : undefined;
  return (
    <li className={classes.account}>
      <span className={classes.name}>{maskName(account.name)}</span>
      <StatusChip
        look={looks[state]}
        label={
          <>
            {t(`account.state.${stateWord(state, account, way)}`)}
            {state === "resting" && rest?.until && (
              <span aria-hidden>
                {" "}
                <Countdown to={rest.until} format={countdown} />
              </span>
            )}
          </>
        }
      />
      <span className={classes.reason} title={reason}>
        {reason}
      </span>
      {act && (
        <Button size="compact-sm" onClick={act}>
          {words}
        </Button>
      )}
      {action && !act && (
        <Button component={Link} size="compact-sm" to={`/accounts?dialog=${action}&account=${account.id}`}>
          {words}
        </Button>
      )}
    </li>
  );
}
