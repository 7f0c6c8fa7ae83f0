import { useState } from "react";
import type { Account, NewAccount, Provider, Reference, SignIn } from "@/api/types";
import { Outcome } from "../Outcome";
import { useAddAccount } from "../queries";
import { SignInLive } from "../signIn/SignInLive";
import { useBeginSignIn } from "../signIn/useBeginSignIn";
import type { OpenDialog } from "../useDialog";
import { WayForm } from "./WayForm";
import { WayPicker } from "./WayPicker";

interface AddAccountProps {
  providers: readonly Provider[];
  /** The way that is chosen already. */
  initial: Reference | undefined;
  open: OpenDialog;
  onClose: () => void;
}

/** From a way to an account, step by step; nothing here knows any provider. */
export function AddAccount({ providers, initial, open, onClose }: AddAccountProps) {
  const [chosen, setChosen] = useState(initial);
  const [added, setAdded] = useState<Account>();
  const [signIn, setSignIn] = useState<SignIn>();
  const add = useAddAccount();
  const begin = useBeginSignIn();
  const provider = providers.find(({ kind }) => kind === chosen?.provider);
  const way = provider?.ways.find(({ id }) => id === chosen?.way);

  if (added) {
    const again: OpenDialog = (kind, about) => {
      // The same dialog begins anew.
      setAdded(undefined);
      setChosen(about?.way);
      open(kind, about);
    };
    return <Outcome account={added} providers={providers} open={again} onClose={onClose} />;
  }
  if (signIn) {
    return (
      <SignInLive
        key={signIn.id}
        id={signIn.id}
        providers={providers}
        open={open}
        onBack={() => {
          setSignIn(undefined);
        }}
        onClose={onClose}
      />
    );
  }
  if (provider && way) {
    return (
      <WayForm
        key={way.id}
        provider={provider}
        way={way}
        providers={providers}
        busy={add.isPending || begin.isPending}
        error={add.error ?? begin.error}
        onChoose={setChosen}
        onBack={() => {
          add.reset();
          begin.reset();
          setChosen(undefined);
        }}
        onClose={onClose}
        onAdd={(account: NewAccount) => {
          add.mutate(account, { onSuccess: setAdded });
        }}
        onSignIn={(wanted) => {
          begin.mutate(wanted, { onSuccess: setSignIn });
        }}
      />
    );
  }
  return <WayPicker providers={providers} onChoose={setChosen} />;
}
