import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAccounts, useProviders, useTestAccount } from "@/api/accountQueries";
import { actionsFor, findWay, needsYou, standings, stateWord } from "@/api/accounts";
import { maskName } from "@/api/identity";
import type { Account, Way } from "@/api/types";
import { Panel } from "@/ui/Panel";
import { StatusChip } from "@/ui/StatusChip";
import classes from "./NeedsYou.module.css";

const shown = 5;

/** The accounts that take no requests before somebody does something; nothing where there is none. */
export default function NeedsYou() {
  const { t } = useTranslation();
  const { data: accounts = [] } = useAccounts();
  const { data: providers } = useProviders();
  const test = useTestAccount();
  const needy = accounts.filter(needsYou);
  if (needy.length === 0) return null;
  const more = needy.length - shown;
  return (
    <Panel
      title={t("overview.needsYou")}
      aside={<Link to="/accounts">{t("overview.allAccounts")}</Link>}
      flush
    >
      <ul className={classes.list} aria-live="polite">
        {needy.slice(0, shown).map((account) => (
          <Needy
            key={account.id}
            account={account}
            way={findWay(providers, account)}
            onTest={() => {
              test.mutate(account.id);
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

interface NeedyProps {
  account: Account;
  way: Way | undefined;
  onTest: () => void;
}

function Needy({ account, way, onTest }: NeedyProps) {
  const { t } = useTranslation();
  const { id, name, reason, state } = account;
  const action = actionsFor(account, way)[0];
  const words = action && t(`account.action.${action}`);
  return (
    <li className={classes.account}>
      <span className={classes.name}>{maskName(name)}</span>
      <StatusChip standing={standings[state]} label={t(`account.state.${stateWord(account, way)}`)} />
      <span className={classes.reason} title={reason}>
        {reason}
      </span>
      {action === "test" && (
        <Button size="compact-sm" onClick={onTest}>
          {words}
        </Button>
      )}
      {action && action !== "test" && (
        <Button component={Link} size="compact-sm" to={`/accounts?dialog=${action}&account=${id}`}>
          {words}
        </Button>
      )}
    </li>
  );
}
