import { Button, Tabs } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { findWay } from "@/api/accounts";
import type { Account, Provider } from "@/api/types";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { formErrors } from "../form";
import { useChangeAccount } from "../queries";
import { fieldsOf, initialSettings, missingFields } from "../settings";
import { draftOf, fieldNames, patchOf, tabNamed, tabOf, wrongFields, type Draft, type Tab } from "./draft";
import { GeneralTab } from "./GeneralTab";
import { NetworkTab } from "./NetworkTab";
import { RoutingTab } from "./RoutingTab";

interface EditAccountProps {
  account: Account;
  providers: readonly Provider[];
  /** The tab that is open at first. */
  tab: string;
  onClose: () => void;
}

/** Everything about an account that a person sets: names, its share of the requests, its network. */
export function EditAccount({ account: live, providers, tab: first, onClose }: EditAccountProps) {
  const { t } = useTranslation();
  // What is typed is compared with the account as it was when the dialog opened.
  const [account] = useState(live);
  const provider = providers.find(({ kind }) => kind === account.provider);
  const way = findWay(providers, account);
  const fields = provider && way ? fieldsOf(provider, way) : [];
  const [before] = useState(() =>
    draftOf(account, way ? initialSettings(fields, way, account.settings) : {}),
  );
  const [draft, setDraft] = useState(before);
  const [tab, setTab] = useState<Tab>(() => tabNamed(first));
  const [checked, setChecked] = useState(false);
  const change = useChangeAccount("dialog");

  const answer = formErrors(change.error, fieldNames(fields));
  const mistakes: Record<string, string> = {};
  for (const { name, why } of wrongFields(draft)) {
    if (checked)
      mistakes[name] = t(why === "required" ? "accounts.form.required" : "accounts.form.notNumber");
  }
  const missing = missingFields(fields, draft.settings, account.secrets);
  for (const key of missing) if (checked) mistakes[key] = t("accounts.form.required");
  const errors = { ...answer.fields, ...mistakes };

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    const wrong = [...missing, ...wrongFields(draft).map(({ name }) => name)];
    if (wrong[0] !== undefined) {
      setTab(tabOf(wrong[0]));
      return;
    }
    const patch = patchOf(before, draft);
    if (Object.keys(patch).length === 0) onClose();
    else {
      change.mutate(
        { id: account.id, ...patch },
        {
          onSuccess: onClose,
          onError: (error) => {
            const [name] = Object.keys(formErrors(error, fieldNames(fields)).fields);
            if (name !== undefined) setTab(tabOf(name));
          },
        },
      );
    }
  };
  const parts = {
    account,
    draft,
    errors,
    onChange: (changes: Partial<Draft>) => {
      setDraft((now) => ({ ...now, ...changes }));
    },
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <Tabs
          value={tab}
          onChange={(value) => {
            setTab(tabNamed(value ?? ""));
          }}
        >
          <Tabs.List>
            <Tabs.Tab value="general">{t("accounts.edit.general")}</Tabs.Tab>
            <Tabs.Tab value="routing">{t("accounts.edit.routing")}</Tabs.Tab>
            <Tabs.Tab value="network">{t("accounts.edit.network")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="general" pt={16}>
            <GeneralTab {...parts} fields={fields} />
          </Tabs.Panel>
          <Tabs.Panel value="routing" pt={16}>
            <RoutingTab {...parts} signedIn={way?.credential === "signIn"} />
          </Tabs.Panel>
          <Tabs.Panel value="network" pt={16}>
            <NetworkTab {...parts} />
          </Tabs.Panel>
        </Tabs>
        {answer.whole && <Notice tone="bad">{answer.whole}</Notice>}
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="filled" loading={change.isPending}>
            {t("accounts.form.save")}
          </Button>
        </DialogFoot>
      </DialogBody>
    </form>
  );
}
