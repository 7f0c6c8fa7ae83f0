import { NativeSelect, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Field } from "@/api/types";
import { useText } from "@/i18n/text";

interface FormFieldProps {
  field: Field;
  value: string;
  error: string | undefined;
  /** A secret that is kept when nothing is typed. */
  kept?: boolean;
  /** The keyboard begins here. */
  first?: boolean;
  onChange: (value: string) => void;
}

/** One setting of a provider, as its description says to enter it. */
export function FormField({ field, value, error, kept = false, first = false, onChange }: FormFieldProps) {
  const { t } = useTranslation();
  const text = useText();
  const common = {
    label: text(field.label) || field.key,
    description: text(field.help) || undefined,
    error,
    withAsterisk: field.required,
  };
  const typed = {
    ...common,
    value,
    autoComplete: "off",
    autoFocus: first,
    "data-autofocus": first || undefined,
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => {
      onChange(event.currentTarget.value);
    },
  };
  switch (field.kind) {
    case "text":
      return <TextInput {...typed} placeholder={field.default} />;
    case "url":
      return <TextInput {...typed} type="url" inputMode="url" placeholder={field.default || "https://"} />;
    case "secret":
      return <PasswordInput {...typed} placeholder={kept ? t("accounts.form.unchanged") : ""} />;
    case "choice":
      return <NativeSelect {...typed} size="xs" data={options(field, value, text)} />;
    case "switch":
      return (
        <Switch
          label={common.label}
          description={common.description}
          error={error}
          checked={value === "true"}
          onChange={(event) => {
            onChange(String(event.currentTarget.checked));
          }}
        />
      );
  }
}

/** The choices in words. A value that is no choice any more is shown all the same. */
function options(field: Field, value: string, text: ReturnType<typeof useText>) {
  const values = field.choices.includes(value) ? field.choices : [value, ...field.choices];
  return values.map((choice) => ({ value: choice, label: text(field.words[choice]) || choice }));
}
