import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useAccounts, useRetryAccount, useTestAccount } from "@/api/accountQueries";
import { findWay, type AccountAction } from "@/api/accounts";
import type { Account, Provider } from "@/api/types";
import { useText } from "@/i18n/text";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { maskName } from "@/api/identity";
import classes from "./Outcome.module.css";
import { useChangeAccount } from "./queries";
import { Reason } from "./Reason";
import { StateChip } from "./StateChip";
import type { OpenDialog } from "./useDialog";

interface OutcomeProps {
  /** The account as it was when it was added or changed; the live one takes its place. */
  account: Account;
  providers: readonly Provider[];
  open: OpenDialog;
  onClose: () => void;
}

/** What the real call said of an account: success is shown only after it (B12). */
export function Outcome({ account: first, providers, open, onClose }: OutcomeProps) {
  const { t } = useTranslation();
  const text = useText();
  const { data: accounts } = useAccounts();
  const test = useTestAccount();
  const change = useChangeAccount("card");
  const retry = useRetryAccount();
  const account = accounts?.find(({ id }) => id === first.id) ?? first;
  const act = (action: AccountAction) => {
    if (action === "test") test.mutate(account.id);
    else if (action === "retry") retry.mutate({ id: account.id });
    else if (action === "enable") change.mutate({ id: account.id, enabled: true });
    else open(action, { account: account.id });
  };
  const way = findWay(providers, account);
  const title = text(way?.title) || account.way;
  return (
    <DialogBody>
      <div className={classes.outcome} aria-live="polite">
        <div className={classes.head}>
          <span className={classes.name}>{maskName(account.name)}</span>
          {title !== account.name && <span className={classes.way}>{title}</span>}
          <StateChip account={account} way={way} />
        </div>
        {account.state === "checking" && <p>{t("accounts.outcome.checking")}</p>}
        {account.state === "ready" && (
          <p>{t("accounts.outcome.ready", { count: account.modelCount, prefix: account.prefix })}</p>
        )}
        {account.state !== "ready" && account.state !== "checking" && (
          <>
            <p className={classes.kept}>{t("accounts.outcome.kept")}</p>
            <Reason
              account={account}
              providers={providers}
              onAction={act}
              onInstead={(way) => {
                open("add", { way });
              }}
            />
          </>
        )}
      </div>
      <DialogFoot>
        {account.state === "ready" && (
          <Button
            onClick={() => {
              open("add");
            }}
          >
            {t("accounts.outcome.another")}
          </Button>
        )}
        <Button variant={account.state === "ready" ? "filled" : "default"} autoFocus onClick={onClose}>
          {t("accounts.done")}
        </Button>
      </DialogFoot>
    </DialogBody>
  );
}
