import { ActionIcon, Button, Skeleton } from "@mantine/core";
import { IconArrowRight, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alias, AliasState, Model } from "@/api/types";
import { Blank } from "@/ui/Blank";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { Panel } from "@/ui/Panel";
import { Undo } from "@/ui/Undo";
import { AliasDialog } from "./AliasDialog";
import classes from "./AliasesView.module.css";
import { DefaultModel } from "./DefaultModel";
import { useAliases, useSetAliases } from "./queries";

const undoMs = 8000;

/** Saves the aliases as a whole, and offers to take it back. */
function useSave(aliases: readonly Alias[]) {
  const { t } = useTranslation();
  const set = useSetAliases();
  const save = (next: readonly Alias[], message: string, onSaved?: () => void) => {
    set.mutate(next, {
      onSuccess: () => {
        onSaved?.();
        const hide = notify({
          id: "aliases",
          closeAfterMs: undoMs,
          message: (
            <Undo
              message={message}
              undo={t("common.undo")}
              onUndo={() => {
                hide();
                set.mutate(aliases);
              }}
            />
          ),
        });
      },
    });
  };
  return { save, set };
}

/** The default model, and the names that stand for lists of models. */
export function AliasesView({ models }: { models: readonly Model[] }) {
  const { t } = useTranslation();
  const query = useAliases();
  const aliases = query.data ?? [];
  const { save, set } = useSave(aliases);
  // The name of the alias that is edited; "" is a new one.
  const [editing, setEditing] = useState<string>();
  const close = () => {
    setEditing(undefined);
    set.reset();
  };
  const remove = (name: string) => {
    save(
      aliases.filter((other) => other.name !== name),
      t("models.alias.removed", { name }),
    );
  };
  const put = (alias: Alias) => {
    const next =
      editing === "" ? [...aliases, alias] : aliases.map((one) => (one.name === editing ? alias : one));
    save(next, t("models.alias.saved", { name: alias.name }), close);
  };
  return (
    <div className={classes.view}>
      <DefaultModel models={models} aliases={aliases} />
      <Panel
        title={t("models.alias.title")}
        aside={
          <Button
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => {
              setEditing("");
            }}
          >
            {t("models.alias.add")}
          </Button>
        }
      >
        <p className={classes.hint}>{t("models.alias.hint")}</p>
        {editing === undefined && set.error && (
          <Notice tone="bad" title={t("models.alias.failed")}>
            {set.error.message}
          </Notice>
        )}
        {query.error && !query.data ? (
          <Notice
            tone="bad"
            title={t("models.alias.error")}
            action={<Button onClick={() => void query.refetch()}>{t("common.retry")}</Button>}
          >
            {query.error.message}
          </Notice>
        ) : !query.data ? (
          <Skeleton height={32} />
        ) : aliases.length === 0 ? (
          <Blank title={t("models.alias.none")}>{t("models.alias.noneHint")}</Blank>
        ) : (
          <ul className={classes.list}>
            {aliases.map((alias) => (
              <AliasLine key={alias.name} alias={alias} onEdit={setEditing} onRemove={remove} />
            ))}
          </ul>
        )}
      </Panel>
      {editing !== undefined && (
        <AliasDialog
          key={editing}
          alias={aliases.find(({ name }) => name === editing)}
          others={aliases.filter(({ name }) => name !== editing)}
          models={models}
          busy={set.isPending}
          error={set.error?.message}
          onSave={put}
          onClose={close}
        />
      )}
    </div>
  );
}

interface AliasLineProps {
  alias: AliasState;
  onEdit: (name: string) => void;
  onRemove: (name: string) => void;
}

/** One alias: its name, its models in their order, and what is odd about it. */
function AliasLine({ alias, onEdit, onRemove }: AliasLineProps) {
  const { t } = useTranslation();
  const { name, models, unknown, covers, blocked } = alias;
  const notes = [
    blocked ? t("models.alias.blocked") : "",
    unknown.length === models.length
      ? t("models.alias.nobody")
      : unknown.length > 0
        ? t("models.alias.unknown", { names: unknown.join(", ") })
        : "",
    covers === "" ? "" : t("models.alias.covers", { name: covers }),
  ].filter(Boolean);
  return (
    <li className={classes.line} aria-label={name}>
      <div className={classes.name}>{name}</div>
      <div className={classes.models}>
        {models.map((model, index) => (
          <Fragment key={model}>
            {index > 0 && <IconArrowRight size={12} aria-hidden className={classes.then} />}
            <span className={classes.model} data-unknown={unknown.includes(model) || undefined}>
              {model}
            </span>
          </Fragment>
        ))}
        {notes.map((note) => (
          <div key={note} className={classes.note}>
            {note}
          </div>
        ))}
      </div>
      <ActionIcon
        aria-label={t("models.alias.edit", { name })}
        title={t("models.alias.edit", { name })}
        onClick={() => {
          onEdit(name);
        }}
      >
        <IconPencil size={16} />
      </ActionIcon>
      <ActionIcon
        aria-label={t("models.alias.remove", { name })}
        title={t("models.alias.remove", { name })}
        onClick={() => {
          onRemove(name);
        }}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </li>
  );
}
