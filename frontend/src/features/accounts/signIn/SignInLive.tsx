import { Button, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useAccounts } from "@/api/accountQueries";
import { ApiError } from "@/api/client";
import { findWay } from "@/api/accounts";
import type { Provider, SignIn } from "@/api/types";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Outcome } from "../Outcome";
import { Instead } from "../Reason";
import { useSignIn } from "../queries";
import type { OpenDialog } from "../useDialog";
import { ConfirmSignIn } from "./ConfirmSignIn";
import classes from "./SignInLive.module.css";
import { useCancelOnLeave } from "./useCancelOnLeave";
import { Waiting } from "./Waiting";

interface SignInLiveProps {
  id: string;
  providers: readonly Provider[];
  /** An account that was there signs in again. */
  again?: boolean;
  open: OpenDialog;
  /** Goes back to where it was begun, to begin again. */
  onBack: () => void;
  onClose: () => void;
}

/** One sign-in from its begin to its end. Leaving it cancels it, which frees its port (B18). */
export function SignInLive({ id, providers, again = false, open, onBack, onClose }: SignInLiveProps) {
  const { t } = useTranslation();
  const { data: signIn, error } = useSignIn(id);
  useCancelOnLeave(id);
  // Cancelling happens by leaving: the one way that cannot be missed.
  const gone = error instanceof ApiError && error.status === 404;
  if (error && (gone || !signIn))
    return <Failed message={error.message} onAgain={onBack} onClose={onClose} />;
  if (!signIn) return <Busy label={t("common.loading")} onClose={onClose} />;
  switch (signIn.state) {
    case "waiting":
      return <Waiting signIn={signIn} onClose={onClose} />;
    case "confirm":
      return (
        <ConfirmSignIn
          signIn={signIn}
          providers={providers}
          again={again}
          onBack={onBack}
          onClose={onClose}
        />
      );
    case "checking":
      return <Busy label={t("accounts.signIn.checking")} onClose={onClose} />;
    case "done":
      return <Done signIn={signIn} providers={providers} open={open} onClose={onClose} />;
    case "failed":
      return (
        <Failed
          message={signIn.message}
          onAgain={onBack}
          onClose={onClose}
          signIn={signIn}
          providers={providers}
          open={open}
        />
      );
    case "canceled":
      return <Failed message={t("accounts.signIn.canceled")} onAgain={onBack} onClose={onClose} />;
  }
}

function Busy({ label, onClose }: { label: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <DialogBody>
      <div className={classes.busy} aria-live="polite">
        <Loader size={16} aria-hidden />
        {label}
      </div>
      <DialogFoot>
        <Button autoFocus onClick={onClose}>
          {t("common.cancel")}
        </Button>
      </DialogFoot>
    </DialogBody>
  );
}

interface DoneProps {
  signIn: SignIn;
  providers: readonly Provider[];
  open: OpenDialog;
  onClose: () => void;
}

function Done({ signIn, providers, open, onClose }: DoneProps) {
  const { t } = useTranslation();
  const { data: accounts } = useAccounts();
  const account = accounts?.find(({ id }) => id === signIn.accountId);
  if (!account) return <Busy label={t("accounts.signIn.checking")} onClose={onClose} />;
  return <Outcome account={account} providers={providers} open={open} onClose={onClose} />;
}

interface FailedProps extends Partial<DoneProps> {
  message: string;
  onAgain: () => void;
  onClose: () => void;
}

function Failed({ message, onAgain, onClose, signIn, providers = [], open }: FailedProps) {
  const { t } = useTranslation();
  const ways = signIn ? (findWay(providers, signIn)?.instead ?? []) : [];
  return (
    <DialogBody>
      <Notice tone="bad" title={t("accounts.signIn.failed")}>
        {message}
      </Notice>
      {open && ways.length > 0 && (
        <div className={classes.instead}>
          <Instead
            ways={ways}
            providers={providers}
            onInstead={(way) => {
              open("add", { way });
            }}
          />
        </div>
      )}
      <DialogFoot>
        <Button onClick={onClose}>{t("common.close")}</Button>
        <Button variant="filled" autoFocus onClick={onAgain}>
          {t("accounts.signIn.again")}
        </Button>
      </DialogFoot>
    </DialogBody>
  );
}
