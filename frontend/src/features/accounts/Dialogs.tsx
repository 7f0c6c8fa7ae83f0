import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStatus } from "@/api/queries";
import type { Account, Provider } from "@/api/types";
import { Dialog } from "@/ui/Dialog";
import { AddAccount } from "./add/AddAccount";
import { EditAccount } from "./edit/EditAccount";
import { maskName } from "@/api/identity";
import { ImportAccounts } from "./import/ImportAccounts";
import { NewKey } from "./NewKey";
import { RemoveAccount } from "./RemoveAccount";
import { SignInAgain } from "./signIn/SignInAgain";
import type { DialogAddress, useDialog } from "./useDialog";

interface DialogsProps {
  dialog: ReturnType<typeof useDialog>;
  accounts: readonly Account[];
  providers: readonly Provider[];
}

/** The dialog that the address names. It waits until what it is about was read. */
export function Dialogs({ dialog, accounts, providers }: DialogsProps) {
  const { t } = useTranslation();
  const { address, close } = dialog;
  const account = accounts.find(({ id }) => id === address?.account);
  const ready = address?.kind === "add" || address?.kind === "import" || account !== undefined;
  const now = address && ready && providers.length > 0 ? { ...address, about: account } : undefined;
  // What was open last stays drawn while the dialog fades.
  const [last, setLast] = useState(now);
  if (now && !same(now, last)) setLast(now);
  const shown = now ?? last;
  if (!shown) return null;
  const { about } = shown;
  if (shown.kind === "remove" && about) {
    return <RemoveAccount account={about} opened={now !== undefined} onClose={close} />;
  }
  return (
    <Dialog
      opened={now !== undefined}
      title={t(`accounts.dialog.${shown.kind}`, { name: maskName(about?.name ?? "") })}
      closeLabel={t("common.close")}
      size={shown.kind === "import" || shown.kind === "edit" ? 680 : 560}
      onClose={close}
    >
      <Content key={`${shown.kind} ${shown.account}`} shown={shown} providers={providers} dialog={dialog} />
    </Dialog>
  );
}

interface Shown extends DialogAddress {
  about: Account | undefined;
}

function same(a: Shown, b: Shown | undefined): boolean {
  return (
    a.kind === b?.kind &&
    a.about === b.about &&
    a.way?.provider === b.way?.provider &&
    a.way?.way === b.way?.way
  );
}

interface ContentProps {
  shown: Shown;
  providers: readonly Provider[];
  dialog: ReturnType<typeof useDialog>;
}

function Content({ shown, providers, dialog }: ContentProps) {
  const { data: status } = useStatus();
  const { about, kind, tab, way } = shown;
  const parts = { providers, open: dialog.open, onClose: dialog.close };
  if (kind === "add") return <AddAccount {...parts} key={`${way?.provider}/${way?.way}`} initial={way} />;
  if (kind === "import") {
    if (!status) return null;
    return <ImportAccounts {...parts} path={about?.original ? status.configPath : ""} />;
  }
  if (!about) return null;
  if (kind === "edit") return <EditAccount {...parts} account={about} tab={tab} />;
  if (kind === "key") return <NewKey {...parts} account={about} />;
  return <SignInAgain {...parts} account={about} />;
}
