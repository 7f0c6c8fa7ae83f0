import { TextInput } from "@mantine/core";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Key } from "@/api/types";
import { FieldRow } from "@/ui/FieldRow";
import { endOfDay, isDay, toDay } from "./day";
import { ChoiceField, NumberField, SwitchField, TagsField, TextField, useDraft } from "./fields";
import { useKeyField, type Field } from "./useField";

const profiles = ["", "plain", "qwen-code", "silent"] as const satisfies Key["profile"][];

/** What a key is called, how long it lasts, and what it may. */
export function KeyFields({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation();
  const name = useKeyField(apiKey, "name", t("settings.keys.field.name"), apiKey.name);
  const enabled = useKeyField(apiKey, "enabled", t("settings.keys.field.enabled"), apiKey.enabled);
  const expires = useKeyField(apiKey, "expires", t("settings.keys.field.expires"), apiKey.expires ?? "");
  const models = useKeyField(apiKey, "models", t("settings.keys.field.models"), apiKey.models);
  const perMinute = useKeyField(
    apiKey,
    "requestsPerMinute",
    t("settings.keys.field.perMinute"),
    apiKey.requestsPerMinute,
  );
  const perDay = useKeyField(
    apiKey,
    "requestsPerDay",
    t("settings.keys.field.perDay"),
    apiKey.requestsPerDay,
  );
  const tokens = useKeyField(
    apiKey,
    "tokensPerMinute",
    t("settings.keys.field.tokens"),
    apiKey.tokensPerMinute,
  );
  const running = useKeyField(apiKey, "maxRunning", t("settings.keys.field.running"), apiKey.maxRunning);
  const profile = useKeyField(apiKey, "profile", t("settings.keys.field.profile"), apiKey.profile);
  return (
    <>
      <SwitchField field={enabled} hint={t("settings.keys.field.enabledHint")} />
      <TextField field={name} suggestions={[]} />
      <DayField field={expires} />
      <TagsField field={models} hint={t("settings.keys.field.modelsHint")} />
      <NumberField field={perMinute} hint={t("settings.keys.field.zero")} />
      <NumberField field={perDay} />
      <NumberField field={tokens} />
      <NumberField field={running} />
      <ChoiceField
        field={profile}
        hint={t("settings.keys.field.profileHint")}
        choices={profiles.map((value) => ({ value, label: t(`settings.keys.profile.${value || "auto"}`) }))}
      />
    </>
  );
}

/** The last day of something; it lasts to the end of that day. */
function DayField({ field }: { field: Field<string> }) {
  const { t } = useTranslation();
  const id = useId();
  const [malformed, setMalformed] = useState(false);
  const { set, ...draft } = useDraft(toDay(field.value), (text) => {
    const good = text === "" || isDay(text);
    setMalformed(!good);
    if (good && text !== toDay(field.value)) field.save(text === "" ? "" : endOfDay(text));
  });
  return (
    <FieldRow
      id={id}
      label={field.label}
      hint={t("settings.keys.field.expiresHint")}
      state={field.state}
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      <TextInput
        id={id}
        type="date"
        aria-describedby={`${id}-hint`}
        placeholder="2030-01-31"
        w={160}
        {...draft}
        error={malformed ? t("settings.notDay") : field.error}
        onChange={(event) => {
          setMalformed(false);
          set(event.currentTarget.value);
        }}
      />
    </FieldRow>
  );
}
