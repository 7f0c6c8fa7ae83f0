import { ActionIcon, Autocomplete, Button, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useModels } from "@/api/queries";
import type { Account } from "@/api/types";
import { bounds, noPace, type Bound, type ModelPaceDraft, type PaceDraft } from "./draft";
import type { TabProps } from "./GeneralTab";
import classes from "./PaceTable.module.css";

/** The service's own names of an account's models, as far as they are known. */
function useModelNames({ id: accountId, prefix, quotas, listed, standing }: Account): string[] {
  const { data: models = [] } = useModels();
  const own = models.filter(({ accountIds }) => accountIds.includes(accountId));
  const names = [
    ...own.map(({ id }) => (id.startsWith(`${prefix}/`) ? id.slice(prefix.length + 1) : id)),
    ...quotas.map(({ model }) => model),
    ...standing.models.map(({ model }) => model),
    ...listed,
  ];
  return [...new Set(names)].filter(Boolean);
}

/** The pace of the account as a whole, and of single models: a line each. */
export function PaceTable({ account, draft, errors, onChange }: TabProps) {
  const { t } = useTranslation();
  const { modelPace, pace, paceDefault } = draft;
  const names = useModelNames(account);
  const bounded = !paceDefault || modelPace.length > 0;
  const setModel = (line: ModelPaceDraft) => {
    onChange({ modelPace: modelPace.map((other) => (other.key === line.key ? line : other)) });
  };
  const add = () => {
    const key = Math.max(-1, ...modelPace.map((line) => line.key)) + 1;
    onChange({ modelPace: [...modelPace, { key, model: "", pace: noPace }] });
  };
  return (
    <div>
      {bounded && (
        <div className={classes.table} role="group" aria-label={t("accounts.edit.pace")}>
          <div className={classes.heads} aria-hidden>
            <span />
            {bounds.map((bound) => (
              <span key={bound}>{t(`accounts.edit.bound.${bound}`)}</span>
            ))}
            <span />
          </div>
          {!paceDefault && (
            <div className={classes.line}>
              <span className={classes.whole}>{t("accounts.edit.whole")}</span>
              <Cells
                of={t("accounts.edit.whole")}
                name="pace"
                pace={pace}
                errors={errors}
                onChange={(next) => {
                  onChange({ pace: next });
                }}
              />
              <span />
            </div>
          )}
          {modelPace.map((line) => (
            <div key={line.key} className={classes.line}>
              <Autocomplete
                aria-label={t("accounts.edit.model")}
                placeholder={t("accounts.edit.model")}
                data={names}
                value={line.model}
                spellCheck={false}
                autoFocus={line.model === ""}
                error={errors[`model.${line.key}`]}
                onChange={(model) => {
                  setModel({ ...line, model });
                }}
              />
              <Cells
                of={line.model}
                name={`model.${line.key}`}
                pace={line.pace}
                errors={errors}
                onChange={(next) => {
                  setModel({ ...line, pace: next });
                }}
              />
              <ActionIcon
                aria-label={t("accounts.edit.removeModel", { model: line.model })}
                onClick={() => {
                  onChange({ modelPace: modelPace.filter(({ key }) => key !== line.key) });
                }}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </div>
          ))}
        </div>
      )}
      <div className={classes.foot}>
        <Button size="compact-sm" leftSection={<IconPlus size={12} />} onClick={add}>
          {t("accounts.edit.addModel")}
        </Button>
        {bounded && <span className={classes.hint}>{t("accounts.edit.noBound")}</span>}
      </div>
    </div>
  );
}

interface CellsProps {
  /** Whose pace it is, for screen readers. */
  of: string;
  name: string;
  pace: PaceDraft;
  errors: Readonly<Record<string, string>>;
  onChange: (pace: PaceDraft) => void;
}

function Cells({ of, name, pace, errors, onChange }: CellsProps) {
  const { t } = useTranslation();
  return bounds.map((bound: Bound) => (
    <TextInput
      key={bound}
      aria-label={`${of}: ${t(`accounts.edit.bound.${bound}`)}`}
      inputMode="numeric"
      className="numeric"
      placeholder="–"
      value={pace[bound]}
      error={errors[`${name}.${bound}`]}
      onChange={(event) => {
        onChange({ ...pace, [bound]: event.currentTarget.value.trim() });
      }}
    />
  ));
}
