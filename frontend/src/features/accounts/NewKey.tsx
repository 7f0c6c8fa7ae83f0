import { Button } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { findWay } from "@/api/accounts";
import type { Account, Provider } from "@/api/types";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { formErrors } from "./form";
import { Outcome } from "./Outcome";
import { useChangeAccount } from "./queries";
import { SecretInput } from "./SecretInput";
import type { OpenDialog } from "./useDialog";

interface NewKeyProps {
  account: Account;
  providers: readonly Provider[];
  open: OpenDialog;
  onClose: () => void;
}

/** Puts a new key in the place of an account's old one, and shows what the service says to it. */
export function NewKey({ account, providers, open, onClose }: NewKeyProps) {
  const { t } = useTranslation();
  const [key, setKey] = useState("");
  const change = useChangeAccount("dialog");
  const way = findWay(providers, account);
  if (!way) return <Notice tone="bad">{t("accounts.unknownWay")}</Notice>;
  if (change.data) {
    const again: OpenDialog = (kind, about) => {
      // The same dialog for the same account begins anew.
      if (kind === "key" && about?.account === account.id) {
        setKey("");
        change.reset();
      } else open(kind, about);
    };
    return <Outcome account={change.data} providers={providers} open={again} onClose={onClose} />;
  }
  const errors = formErrors(change.error, ["key"]);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    change.mutate({ id: account.id, key: key.trim() });
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        {account.reason && <Notice tone="quiet">{account.reason}</Notice>}
        <SecretInput way={way} value={key} error={errors.fields.key} first onChange={setKey} />
        {errors.whole && <Notice tone="bad">{errors.whole}</Notice>}
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="filled" loading={change.isPending} disabled={key.trim() === ""}>
            {t("accounts.form.replaceKey")}
          </Button>
        </DialogFoot>
      </DialogBody>
    </form>
  );
}
