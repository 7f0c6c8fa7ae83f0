import { Button, TagsInput, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { findWay } from "@/api/accounts";
import type { Account, AccountPatch, Provider } from "@/api/types";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Fields } from "./Fields";
import { formErrors } from "./form";
import { useChangeAccount } from "./queries";
import { changedSettings, fieldsOf, initialSettings, missingFields } from "./settings";

interface EditAccountProps {
  account: Account;
  providers: readonly Provider[];
  onClose: () => void;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** Name, prefix, models and the provider's own settings of an account. */
export function EditAccount({ account: live, providers, onClose }: EditAccountProps) {
  const { t } = useTranslation();
  // What is typed is compared with the account as it was when the dialog opened.
  const [account] = useState(live);
  const provider = providers.find(({ kind }) => kind === account.provider);
  const way = findWay(providers, account);
  const fields = provider && way ? fieldsOf(provider, way) : [];
  const initial = way ? initialSettings(fields, way, account.settings) : {};
  const [name, setName] = useState(account.name);
  const [prefix, setPrefix] = useState(account.prefix);
  const [models, setModels] = useState<string[]>(account.listed);
  const [settings, setSettings] = useState(initial);
  const [checked, setChecked] = useState(false);
  const change = useChangeAccount("dialog");
  const missing = missingFields(fields, settings, account.secrets);
  const errors = formErrors(change.error, ["name", "prefix", "models", ...fields.map(({ key }) => key)]);
  const required = checked
    ? Object.fromEntries(missing.map((key) => [key, t("accounts.form.required")]))
    : {};

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (missing.length > 0) return;
    const changed = changedSettings(initial, settings);
    const patch: AccountPatch = {
      ...(name.trim() === account.name ? {} : { name: name.trim() }),
      ...(prefix.trim() === account.prefix ? {} : { prefix: prefix.trim() }),
      ...(sameList(models, account.listed) ? {} : { models }),
      ...(Object.keys(changed).length > 0 ? { settings: changed } : {}),
    };
    if (Object.keys(patch).length === 0) onClose();
    else change.mutate({ id: account.id, ...patch }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <TextInput
          label={t("accounts.form.name")}
          data-autofocus
          value={name}
          maxLength={64}
          error={errors.fields.name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <TextInput
          label={t("accounts.form.prefix")}
          description={t("accounts.form.prefixHint", { prefix: prefix || "prefix" })}
          value={prefix}
          maxLength={64}
          spellCheck={false}
          error={errors.fields.prefix}
          onChange={(event) => {
            setPrefix(event.currentTarget.value);
          }}
        />
        <TagsInput
          label={t("accounts.form.models")}
          description={t("accounts.form.modelsHint")}
          value={models}
          acceptValueOnBlur
          spellCheck={false}
          error={errors.fields.models}
          onChange={setModels}
        />
        <Fields
          fields={fields}
          values={settings}
          errors={{ ...required, ...errors.fields }}
          kept={account.secrets}
          onChange={setSettings}
        />
        {errors.whole && <Notice tone="bad">{errors.whole}</Notice>}
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
