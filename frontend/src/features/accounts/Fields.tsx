import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Field } from "@/api/types";
import { Fold } from "@/ui/Fold";
import { FormField } from "./FormField";
import type { Settings } from "./settings";

interface FieldsProps {
  fields: readonly Field[];
  values: Settings;
  errors: Readonly<Record<string, string>>;
  /** The secrets that are there: they stay when nothing is typed. */
  kept?: readonly string[];
  /** The keyboard begins at the first of them. */
  first?: boolean;
  onChange: (values: Settings) => void;
  /** More that most people leave alone. */
  advanced?: ReactNode;
  /** Unfolds it. */
  opened?: boolean;
}

/** The fields of a way; those that are advanced are folded away unless one has an error. */
export function Fields({
  fields,
  values,
  errors,
  kept = [],
  first = false,
  onChange,
  advanced,
  opened = false,
}: FieldsProps) {
  const { t } = useTranslation();
  const draw = (field: Field, index: number) => (
    <FormField
      key={field.key}
      field={field}
      value={values[field.key] ?? ""}
      error={errors[field.key]}
      kept={kept.includes(field.key)}
      first={first && index === 0 && !field.advanced}
      onChange={(value) => {
        onChange({ ...values, [field.key]: value });
      }}
    />
  );
  const folded = fields.filter((field) => field.advanced);
  const wrong = folded.some(({ key }) => errors[key] !== undefined);
  return (
    <>
      {fields.filter((field) => !field.advanced).map(draw)}
      {(folded.length > 0 || advanced) && (
        <Fold label={t("accounts.form.more")} opened={wrong || opened}>
          {advanced}
          {folded.map(draw)}
        </Fold>
      )}
    </>
  );
}
