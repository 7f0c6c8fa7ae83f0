import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { findWay } from "@/api/accounts";
import type { Account, Provider, SignIn } from "@/api/types";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import type { OpenDialog } from "../useDialog";
import { MethodChoice } from "./MethodChoice";
import { SignInLive } from "./SignInLive";
import { useBeginSignIn } from "./useBeginSignIn";

interface SignInAgainProps {
  account: Account;
  providers: readonly Provider[];
  open: OpenDialog;
  onClose: () => void;
}

/** Gives an account that is there a new credential by a new sign-in. */
export function SignInAgain({ account, providers, open, onClose }: SignInAgainProps) {
  const { t } = useTranslation();
  const way = findWay(providers, account);
  const [method, setMethod] = useState(way?.signIns[0] ?? "browser");
  const [signIn, setSignIn] = useState<SignIn>();
  const begin = useBeginSignIn();
  if (signIn) {
    return (
      <SignInLive
        key={signIn.id}
        id={signIn.id}
        providers={providers}
        again
        open={open}
        onBack={() => {
          setSignIn(undefined);
        }}
        onClose={onClose}
      />
    );
  }
  if (!way) return <Notice tone="bad">{t("accounts.unknownWay")}</Notice>;
  return (
    <DialogBody>
      {account.reason && <Notice tone="quiet">{account.reason}</Notice>}
      <MethodChoice methods={way.signIns} value={method} onChange={setMethod} />
      {way.signIns.length < 2 && <p>{t(`accounts.signIn.methods.${method}.hint`)}</p>}
      {begin.error && <Notice tone="bad">{begin.error.message}</Notice>}
      <DialogFoot>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button
          variant="filled"
          data-autofocus
          autoFocus
          loading={begin.isPending}
          onClick={() => {
            begin.mutate(
              { provider: account.provider, way: account.way, method, accountId: account.id },
              { onSuccess: setSignIn },
            );
          }}
        >
          {t(`accounts.signIn.start.${method}`)}
        </Button>
      </DialogFoot>
    </DialogBody>
  );
}
