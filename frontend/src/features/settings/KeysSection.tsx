import { Button, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import type { CreatedKey, Key } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { Confirm } from "@/ui/Confirm";
import { CopyButton } from "@/ui/CopyButton";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { KeyRow } from "./KeyRow";
import classes from "./KeysSection.module.css";
import { useCreateKey, useDeleteKey, useKeys } from "./queries";

/** A key may have been given no name. */
function displayName(key: Key | undefined, unnamed: string): string {
  return key === undefined || key.name === "" ? unnamed : key.name;
}

/** The clients' API keys: made, shown, copied and deleted here. */
export function KeysSection({ store }: { store: "keyring" | "file" | undefined }) {
  const { t } = useTranslation();
  const { data: list, error, refetch } = useKeys();
  const deleteKey = useDeleteKey();
  const [created, setCreated] = useState<CreatedKey>();
  const [doomed, setDoomed] = useState<Key>();
  const nameOf = (key: Key | undefined) => displayName(key, t("settings.keys.unnamed"));

  const confirmDelete = () => {
    if (!doomed) return;
    deleteKey.mutate(doomed.id, {
      onSuccess: () => {
        notify({ message: t("settings.keys.deleted", { name: nameOf(doomed) }) });
        if (created?.id === doomed.id) setCreated(undefined);
      },
      onSettled: () => {
        setDoomed(undefined);
      },
    });
  };
  return (
    <div className={classes.section}>
      <div className={classes.hint}>
        <p>{t("settings.keys.hint")}</p>
        {store && <p>{t(`settings.keys.store.${store}`)}</p>}
      </div>
      <CreateKey onCreated={setCreated} />
      {created && <Created created={created} />}
      {error && (
        <Notice
          tone="bad"
          title={t("settings.keys.error")}
          action={<Button onClick={() => void refetch()}>{t("common.retry")}</Button>}
        >
          {error.message}
        </Notice>
      )}
      {list?.length === 0 && <p className={classes.hint}>{t("settings.keys.empty")}</p>}
      {list && list.length > 0 && (
        <ul className={classes.list}>
          {list.map((key) => (
            <KeyRow
              key={key.id}
              apiKey={key}
              name={nameOf(key)}
              onDelete={() => {
                setDoomed(key);
              }}
            />
          ))}
        </ul>
      )}
      <Confirm
        opened={doomed !== undefined}
        title={t("settings.keys.deleteTitle", { name: nameOf(doomed) })}
        confirm={t("common.delete")}
        cancel={t("common.cancel")}
        busy={deleteKey.isPending}
        onConfirm={confirmDelete}
        onClose={() => {
          setDoomed(undefined);
        }}
      >
        {t("settings.keys.deleteHint")}
      </Confirm>
    </div>
  );
}

function CreateKey({ onCreated }: { onCreated: (key: CreatedKey) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const createKey = useCreateKey();
  const error = createKey.error instanceof ApiError ? createKey.error.fields.name : undefined;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    createKey.mutate(name.trim(), {
      onSuccess: (key) => {
        onCreated(key);
        setName("");
      },
    });
  };
  return (
    <form className={classes.create} onSubmit={submit}>
      <TextInput
        aria-label={t("settings.keys.name")}
        placeholder={t("settings.keys.placeholder")}
        className={classes.name ?? ""}
        value={name}
        error={error}
        maxLength={64}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <Button type="submit" loading={createKey.isPending} disabled={name.trim() === ""}>
        {t("settings.keys.create")}
      </Button>
    </form>
  );
}

function Created({ created }: { created: CreatedKey }) {
  const { t } = useTranslation();
  return (
    <div className={classes.created} role="status">
      <div className={classes.createdTitle}>{t("settings.keys.created", { name: created.name })}</div>
      <div className={classes.createdKey}>
        <code>{created.key}</code>
        <CopyButton
          wide
          label={t("common.copy")}
          done={t("common.copied")}
          onCopy={() => copyText(created.key)}
        />
      </div>
      <div className={classes.hint}>{t("settings.keys.createdHint")}</div>
    </div>
  );
}
