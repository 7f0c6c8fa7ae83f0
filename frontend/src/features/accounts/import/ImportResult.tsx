import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useAccounts } from "@/api/accountQueries";
import { findWay } from "@/api/accounts";
import type { Imported, Provider } from "@/api/types";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { maskName } from "@/api/identity";
import { StateChip } from "../StateChip";
import classes from "./Import.module.css";

interface ImportResultProps {
  imported: Imported;
  providers: readonly Provider[];
  onClose: () => void;
}

/** What an import did, and how the accounts turn out while each is asked for the first time. */
export function ImportResult({ imported, providers, onClose }: ImportResultProps) {
  const { t } = useTranslation();
  const { data: accounts = [] } = useAccounts();
  const live = new Map(accounts.map((account) => [account.id, account]));
  const parts = [
    t("accounts.importing.added", { count: imported.added.length }),
    t("accounts.importing.updated", { count: imported.updated.length }),
    t("accounts.importing.skipped", { count: imported.skipped }),
  ];
  return (
    <DialogBody>
      <p role="status">{parts.join(" · ")}</p>
      <div className={classes.frame} tabIndex={0} role="region" aria-label={t("accounts.importing.result")}>
        <ul className={classes.results}>
          {[...imported.added, ...imported.updated].map((first) => {
            const account = live.get(first.id) ?? first;
            return (
              <li key={first.id} className={classes.result}>
                <span className={classes.name}>{maskName(account.name)}</span>
                {account.reason && <span className={classes.reason}>{account.reason}</span>}
                <StateChip account={account} way={findWay(providers, account)} />
              </li>
            );
          })}
        </ul>
      </div>
      <DialogFoot>
        <Button variant="filled" autoFocus onClick={onClose}>
          {t("accounts.done")}
        </Button>
      </DialogFoot>
    </DialogBody>
  );
}
