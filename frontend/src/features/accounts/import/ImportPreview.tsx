import { Button } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { findWay } from "@/api/accounts";
import type { Find, Import, Imported, ImportSource, Provider } from "@/api/types";
import { useText } from "@/i18n/text";
import { Blank } from "@/ui/Blank";
import { Chip, type Tone } from "@/ui/Chip";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { useImport } from "../queries";
import classes from "./Import.module.css";

interface ImportPreviewProps {
  source: ImportSource;
  preview: Import;
  providers: readonly Provider[];
  onBack: () => void;
  onClose: () => void;
  onImported: (imported: Imported) => void;
}

const tones: Record<Find["state"], Tone> = { new: "ok", update: "live", same: "quiet", unusable: "bad" };

function isUsable({ state }: Find): boolean {
  return state === "new" || state === "update";
}

/** What an import would do, each find to be taken or left. */
export function ImportPreview(props: ImportPreviewProps) {
  const { source, preview, providers, onBack, onClose, onImported } = props;
  const { t } = useTranslation();
  const usable = preview.finds.filter(isUsable).map(({ key }) => key);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(usable));
  const take = useImport();
  const toggle = (key: string) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    setChosen(next);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const keys = usable.filter((key) => chosen.has(key));
    take.mutate({ ...source, keys }, { onSuccess: onImported });
  };
  return (
    <form onSubmit={submit}>
      <DialogBody>
        {preview.path && (
          <p className={classes.dim}>
            {t("accounts.importing.from")} <code className={classes.from}>{preview.path}</code>
          </p>
        )}
        {preview.notes.map((note) => (
          <Notice key={note} tone="quiet">
            {note}
          </Notice>
        ))}
        {preview.finds.length === 0 ? (
          <Blank title={t("accounts.importing.empty")}>{t("accounts.importing.emptyHint")}</Blank>
        ) : (
          <Finds
            finds={preview.finds}
            providers={providers}
            chosen={chosen}
            all={usable.length > 0 && usable.every((key) => chosen.has(key))}
            onAll={(all) => {
              setChosen(new Set(all ? usable : []));
            }}
            onToggle={toggle}
          />
        )}
        {take.error && (
          <Notice tone="bad" title={t("accounts.importing.error")}>
            {take.error.message}
          </Notice>
        )}
        <DialogFoot
          aside={
            <Button variant="subtle" onClick={onBack}>
              {t("accounts.form.back")}
            </Button>
          }
        >
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            variant="filled"
            autoFocus
            loading={take.isPending}
            disabled={chosen.size === 0}
          >
            {t("accounts.importing.take", { count: chosen.size })}
          </Button>
        </DialogFoot>
      </DialogBody>
    </form>
  );
}

interface FindsProps {
  finds: readonly Find[];
  providers: readonly Provider[];
  chosen: ReadonlySet<string>;
  all: boolean;
  onAll: (all: boolean) => void;
  onToggle: (key: string) => void;
}

function Finds({ finds, providers, chosen, all, onAll, onToggle }: FindsProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label={t("accounts.importing.finds")}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.check}>
              <input
                type="checkbox"
                aria-label={t("accounts.importing.all")}
                checked={all}
                onChange={(event) => {
                  onAll(event.currentTarget.checked);
                }}
              />
            </th>
            <th scope="col">{t("accounts.importing.account")}</th>
            <th scope="col">{t("accounts.importing.way")}</th>
            <th scope="col">{t("accounts.importing.state")}</th>
          </tr>
        </thead>
        <tbody>
          {finds.map((find) => (
            <FindRow
              key={find.key}
              find={find}
              providers={providers}
              checked={chosen.has(find.key)}
              onToggle={onToggle}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface FindRowProps {
  find: Find;
  providers: readonly Provider[];
  checked: boolean;
  onToggle: (key: string) => void;
}

function FindRow({ find, providers, checked, onToggle }: FindRowProps) {
  const { t } = useTranslation();
  const text = useText();
  const name = find.identity || find.name;
  const provider = text(providers.find(({ kind }) => kind === find.provider)?.title) || find.provider;
  const way = text(findWay(providers, find)?.title) || find.way;
  return (
    <tr>
      <td className={classes.check}>
        <input
          type="checkbox"
          aria-label={t("accounts.importing.takeOne", { name })}
          checked={checked}
          disabled={!isUsable(find)}
          onChange={() => {
            onToggle(find.key);
          }}
        />
      </td>
      <td>
        <div className={classes.name}>{name}</div>
        {find.problem && <div className={classes.problem}>{find.problem}</div>}
      </td>
      <td className={classes.dim}>{[...new Set([provider, way])].join(" · ")}</td>
      <td>
        <Chip tone={tones[find.state]}>{t(`accounts.importing.states.${find.state}`)}</Chip>
      </td>
    </tr>
  );
}
