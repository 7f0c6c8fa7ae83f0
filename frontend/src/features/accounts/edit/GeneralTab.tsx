import { TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Account, Field } from "@/api/types";
import { Fields } from "../Fields";
import type { Draft } from "./draft";
import classes from "./EditAccount.module.css";

/** What each tab of the dialog is given. */
export interface TabProps {
  account: Account;
  draft: Draft;
  errors: Readonly<Record<string, string>>;
  onChange: (changes: Partial<Draft>) => void;
}

/** Name, prefix, models, and the provider's own settings. */
export function GeneralTab({ account, draft, errors, onChange, fields }: TabProps & { fields: Field[] }) {
  const { t } = useTranslation();
  return (
    <div className={classes.tab}>
      <TextInput
        label={t("accounts.form.name")}
        data-autofocus
        value={draft.name}
        maxLength={64}
        error={errors.name}
        onChange={(event) => {
          onChange({ name: event.currentTarget.value });
        }}
      />
      <TextInput
        label={t("accounts.form.prefix")}
        description={t("accounts.form.prefixHint", { prefix: draft.prefix || "prefix" })}
        value={draft.prefix}
        maxLength={64}
        spellCheck={false}
        error={errors.prefix}
        onChange={(event) => {
          onChange({ prefix: event.currentTarget.value });
        }}
      />
      <TagsInput
        label={t("accounts.form.models")}
        description={t("accounts.form.modelsHint")}
        value={draft.models}
        acceptValueOnBlur
        spellCheck={false}
        error={errors.models}
        onChange={(models) => {
          onChange({ models });
        }}
      />
      <Fields
        fields={fields}
        values={draft.settings}
        errors={errors}
        kept={account.secrets}
        onChange={(settings) => {
          onChange({ settings });
        }}
      />
    </div>
  );
}
