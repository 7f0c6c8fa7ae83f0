import { Button, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useAccounts } from "@/api/accountQueries";
import { findWay } from "@/api/accounts";
import type { Provider, SignIn } from "@/api/types";
import { useText } from "@/i18n/text";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { useConfirmSignIn } from "../queries";
import classes from "./SignInLive.module.css";

interface ConfirmSignInProps {
  signIn: SignIn;
  providers: readonly Provider[];
  /** An account that was there signs in again. */
  again: boolean;
  onBack: () => void;
  onClose: () => void;
}

/** Shows whose sign-in it is before it is kept (B20). */
export function ConfirmSignIn({ signIn, providers, again, onBack, onClose }: ConfirmSignInProps) {
  const { t } = useTranslation();
  const text = useText();
  const { data: accounts } = useAccounts();
  const confirm = useConfirmSignIn();
  const [name, setName] = useState("");
  const { identity, known, accountId } = signIn;
  const account = accounts?.find(({ id }) => id === accountId);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    confirm.mutate({ id: signIn.id, name: name.trim() });
  };
  return (
    <form onSubmit={submit}>
      <DialogBody>
        <div aria-live="polite">
          <p className={classes.question}>
            {identity ? t("accounts.signIn.confirm", { identity }) : t("accounts.signIn.confirmUnknown")}
          </p>
          {known && (
            <p className={classes.dim}>{t("accounts.signIn.updates", { name: account?.name ?? identity })}</p>
          )}
        </div>
        {/* Somebody else than before; of a new account the line above says it. */}
        {again && signIn.message && <Notice tone="warn">{signIn.message}</Notice>}
        {!known && (
          <TextInput
            label={t("accounts.form.name")}
            placeholder={text(findWay(providers, signIn)?.title)}
            value={name}
            maxLength={64}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
        )}
        {confirm.error && <Notice tone="bad">{confirm.error.message}</Notice>}
        <DialogFoot
          aside={
            <Button variant="subtle" onClick={onBack}>
              {t("accounts.signIn.other")}
            </Button>
          }
        >
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="filled" autoFocus loading={confirm.isPending}>
            {t(known ? "accounts.signIn.update" : "accounts.signIn.keep")}
          </Button>
        </DialogFoot>
      </DialogBody>
    </form>
  );
}
