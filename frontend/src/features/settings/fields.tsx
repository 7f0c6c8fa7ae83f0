// The controls of settings. Each keeps what is typed until it is saved, and
// shows at its place what the program objects to.
import { Autocomplete, SegmentedControl, Switch, TagsInput, TextInput } from "@mantine/core";
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { FieldRow } from "@/ui/FieldRow";
import type { Field } from "./useField";

interface ControlProps<T> {
  field: Field<T>;
  hint?: string;
}

function Row<T>({ id, field, hint, children }: ControlProps<T> & { id: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <FieldRow
      id={id}
      label={field.label}
      hint={hint}
      state={field.state}
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      {children}
    </FieldRow>
  );
}

function describedBy(id: string, hint: string | undefined) {
  return hint ? { "aria-describedby": `${id}-hint` } : {};
}

/** What is typed, until it is saved: Enter and leaving save it, Escape takes it back. */
export function useDraft(saved: string, commit: (text: string) => void) {
  const [draft, setDraft] = useState(saved);
  const [seen, setSeen] = useState(saved);
  if (seen !== saved) {
    setSeen(saved);
    setDraft(saved);
  }
  return {
    value: draft,
    set: setDraft,
    onBlur: () => {
      commit(draft.trim());
    },
    onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => {
      if (event.key === "Enter") commit(draft.trim());
      if (event.key === "Escape") setDraft(saved);
    },
  };
}

export function SwitchField({ field, hint }: ControlProps<boolean>) {
  const id = useId();
  return (
    <Row id={id} field={field} {...(hint ? { hint } : {})}>
      <Switch
        id={id}
        {...describedBy(id, hint)}
        checked={field.value}
        error={field.error}
        onChange={(event) => {
          field.save(event.currentTarget.checked);
        }}
      />
    </Row>
  );
}

interface ChoiceFieldProps<T extends string> extends ControlProps<T> {
  choices: { value: T; label: string }[];
}

export function ChoiceField<T extends string>({ field, hint, choices }: ChoiceFieldProps<T>) {
  const id = useId();
  return (
    <Row id={id} field={field} {...(hint ? { hint } : {})}>
      <SegmentedControl
        id={id}
        aria-labelledby={`${id}-label`}
        fullWidth
        value={field.value}
        data={choices}
        onChange={(value) => {
          field.save(value);
        }}
      />
      {field.error && <div role="alert">{field.error}</div>}
    </Row>
  );
}

interface NumberFieldProps extends ControlProps<number> {
  unit?: string;
  /** How many of the setting's own unit one of the shown unit is, as 1000 ms a second. */
  scale?: number;
}

export function NumberField({ field, hint, unit, scale = 1 }: NumberFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const [malformed, setMalformed] = useState(false);
  const { set, ...draft } = useDraft(String(field.value / scale), (text) => {
    const good = (scale === 1 ? /^\d{1,9}$/ : /^\d{1,7}(\.\d{1,3})?$/).test(text);
    setMalformed(!good);
    if (good) field.save(Math.round(Number(text) * scale));
  });
  return (
    <Row id={id} field={field} {...(hint ? { hint } : {})}>
      <TextInput
        id={id}
        {...describedBy(id, hint)}
        {...draft}
        inputMode={scale === 1 ? "numeric" : "decimal"}
        className="numeric"
        w={unit ? 140 : 112}
        rightSection={unit}
        rightSectionWidth={unit ? 52 : 0}
        rightSectionPointerEvents="none"
        styles={{ section: { color: "var(--dim)" }, wrapper: { marginBottom: 0 }, error: { width: 280 } }}
        error={malformed ? t(scale === 1 ? "settings.notNumber" : "settings.noNumber") : field.error}
        onChange={(event) => {
          setMalformed(false);
          set(event.currentTarget.value);
        }}
      />
    </Row>
  );
}

interface TextFieldProps extends ControlProps<string> {
  suggestions: string[];
}

export function TextField({ field, hint, suggestions }: TextFieldProps) {
  const id = useId();
  const { set, ...draft } = useDraft(field.value, field.save);
  return (
    <Row id={id} field={field} {...(hint ? { hint } : {})}>
      <Autocomplete
        id={id}
        {...describedBy(id, hint)}
        {...draft}
        data={suggestions}
        limit={50}
        maxDropdownHeight={240}
        spellCheck={false}
        error={field.error}
        onChange={set}
        onOptionSubmit={field.save}
      />
    </Row>
  );
}

export function TagsField({ field, hint }: ControlProps<string[]>) {
  const id = useId();
  return (
    <Row id={id} field={field} {...(hint ? { hint } : {})}>
      <TagsInput
        id={id}
        {...describedBy(id, hint)}
        value={field.value}
        acceptValueOnBlur
        spellCheck={false}
        error={field.error}
        onChange={(values) => {
          field.save(values.map((value) => value.trim()).filter(Boolean));
        }}
      />
    </Row>
  );
}
