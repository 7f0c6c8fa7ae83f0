import { Button, FileButton, PasswordInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import type { BackupPreview } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { useDiscard, usePreview, useRestore } from "./backup";
import classes from "./BackupSection.module.css";
import { BackupContents } from "./BackupContents";

/** A backup in the place of what is here: a file, its passphrase, a look at it, and a question. */
export function RestoreForm() {
  const { t } = useTranslation();
  const format = useFormat();
  const [file, setFile] = useState<File>();
  const [sent, setSent] = useState(false);
  const [share, setShare] = useState(0);
  const [passphrase, setPassphrase] = useState("");
  const preview = usePreview();
  const discard = useDiscard();

  const choose = (next: File | null) => {
    preview.reset();
    setSent(false);
    setPassphrase("");
    setFile(next ?? undefined);
  };
  const look = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!file) return;
    const told = (part: number) => {
      setShare(part);
      if (part === 1) setSent(true);
    };
    preview.mutate({ file, sent, passphrase, told });
  };
  const refused = preview.error instanceof ApiError ? preview.error.fields.passphrase : undefined;
  return (
    <form className={classes.part} onSubmit={look} noValidate>
      <div>
        <h3 className={classes.title}>{t("care.restore.title")}</h3>
        <p className={classes.hint}>{t("care.restore.hint")}</p>
      </div>
      <div className={classes.file}>
        <FileButton onChange={choose}>
          {(props) => <Button {...props}>{t(file ? "care.restore.another" : "care.restore.choose")}</Button>}
        </FileButton>
        {file && <span className={classes.name}>{file.name}</span>}
        {file && <span className={classes.size}>{format.bytes(file.size)}</span>}
        <span aria-live="polite" className={classes.size}>
          {preview.isPending && t("care.restore.sending", { share: format.percent(share) })}
        </span>
      </div>
      {file && !preview.data && (
        <div className={classes.words}>
          <PasswordInput
            className={classes.word ?? ""}
            label={t("care.backup.passphrase")}
            autoComplete="off"
            autoFocus
            value={passphrase}
            error={refused}
            onChange={(event) => {
              setPassphrase(event.currentTarget.value);
            }}
          />
          <Button type="submit" disabled={passphrase === ""} loading={preview.isPending}>
            {t("care.restore.open")}
          </Button>
        </div>
      )}
      {preview.error && !refused && <Notice tone="bad">{preview.error.message}</Notice>}
      {preview.data && (
        <Replace
          preview={preview.data}
          passphrase={passphrase}
          onEnd={(restored) => {
            choose(null);
            if (!restored) discard.mutate();
          }}
        />
      )}
    </form>
  );
}

interface ReplaceProps {
  preview: BackupPreview;
  passphrase: string;
  onEnd: (restored: boolean) => void;
}

function Replace({ preview, passphrase, onEnd }: ReplaceProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const restore = useRestore();
  return (
    <div className={classes.preview}>
      <BackupContents preview={preview} />
      {restore.error && <Notice tone="bad">{restore.error.message}</Notice>}
      <div className={classes.actions}>
        <Button
          variant="filled"
          onClick={() => {
            setAsking(true);
          }}
        >
          {t("care.restore.do")}
        </Button>
        <Button
          onClick={() => {
            onEnd(false);
          }}
        >
          {t("common.cancel")}
        </Button>
      </div>
      <Confirm
        opened={asking}
        title={t("care.restore.title")}
        confirm={t("care.restore.do")}
        cancel={t("common.cancel")}
        busy={restore.isPending}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={() => {
          restore.mutate(passphrase, {
            onSuccess: () => {
              notify({ message: t("care.restore.done") });
              onEnd(true);
            },
            onSettled: () => {
              setAsking(false);
            },
          });
        }}
      >
        {t("care.restore.ask")}
      </Confirm>
    </div>
  );
}
