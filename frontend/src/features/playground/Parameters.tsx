import { NativeSelect, TextInput } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { efforts, type OptionProblem, type Options } from "./conversation";
import classes from "./Parameters.module.css";

interface ParametersProps {
  system: string;
  options: Options;
  problems: Partial<Record<keyof Options, OptionProblem>>;
  onSystem: (system: string) => void;
  onOptions: (change: Partial<Options>) => void;
}

const numbers = [
  { name: "temperature", range: "0–2" },
  { name: "topP", range: "0–1" },
  { name: "maxTokens", range: "1–" },
] as const;

/** What goes with every question. What is left empty is left to the service. */
export function Parameters({ system, options, problems, onSystem, onOptions }: ParametersProps) {
  const { t } = useTranslation();
  const problemOf = (name: keyof Options, range = "") => {
    const problem = problems[name];
    return problem && t(`playground.problem.${problem}`, { range });
  };
  return (
    <aside className={classes.panel} aria-label={t("playground.parameters")}>
      <Area label={t("playground.system")} rows={4} value={system} onChange={onSystem} />
      <div className={classes.numbers}>
        {numbers.map(({ name, range }) => (
          <TextInput
            key={name}
            label={t(`playground.option.${name}`)}
            placeholder={t("playground.default")}
            inputMode="decimal"
            value={options[name]}
            error={problemOf(name, range)}
            onChange={(event) => {
              onOptions({ [name]: event.currentTarget.value.trim() });
            }}
          />
        ))}
        <NativeSelect
          size="xs"
          label={t("playground.option.effort")}
          value={options.effort}
          data={efforts.map((value) => ({
            value,
            label: value === "" ? t("playground.default") : t(`playground.effort.${value}`),
          }))}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onOptions({ effort: efforts.find((known) => known === value) ?? "" });
          }}
        />
      </div>
      <Area
        label={t("playground.option.tools")}
        hint={t("playground.toolsHint")}
        rows={6}
        code
        value={options.tools}
        problem={problemOf("tools")}
        onChange={(tools) => {
          onOptions({ tools });
        }}
      />
      <Area
        label={t("playground.option.schema")}
        hint={t("playground.schemaHint")}
        rows={6}
        code
        value={options.schema}
        problem={problemOf("schema")}
        onChange={(schema) => {
          onOptions({ schema });
        }}
      />
      <p className={classes.hint}>{t("playground.noKey")}</p>
    </aside>
  );
}

interface AreaProps {
  label: string;
  hint?: string;
  rows: number;
  code?: boolean;
  value: string;
  problem?: string | undefined;
  onChange: (value: string) => void;
}

function Area({ label, hint, rows, code = false, value, problem, onChange }: AreaProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  return (
    <div>
      <label htmlFor={id} className={classes.label}>
        {label}
      </label>
      {hint && (
        <div id={`${id}-hint`} className={classes.hint}>
          {hint}
        </div>
      )}
      <textarea
        id={id}
        className={classes.field}
        data-code={code || undefined}
        rows={rows}
        spellCheck={!code}
        aria-invalid={problem !== undefined}
        {...(described ? { "aria-describedby": described } : {})}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
      {problem && (
        <div id={`${id}-problem`} className={classes.problem}>
          {problem}
        </div>
      )}
    </div>
  );
}
