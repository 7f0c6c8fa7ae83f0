import { Button, PasswordInput, Switch } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { useLogSize, useSaveBackup } from "./backup";
import classes from "./BackupSection.module.css";
import { KeptState } from "./KeptState";
import { RestoreForm } from "./RestoreForm";

/** All that was set up, as a file and from one. */
export function BackupSection() {
  return (
    <>
      <BackupForm />
      <RestoreForm />
      <KeptState />
    </>
  );
}

const shortest = 8;

function BackupForm() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: size } = useLogSize();
  const [secrets, setSecrets] = useState(true);
  const [log, setLog] = useState(false);
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const save = useSaveBackup();
  const short = passphrase.length < shortest;
  const differ = !short && again !== passphrase;
  const refused = save.error instanceof ApiError ? save.error.fields.passphrase : undefined;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (short || differ) return;
    save.mutate(
      { passphrase, secrets, log },
      {
        onSuccess: (saved) => {
          if (!saved) return;
          setPassphrase("");
          setAgain("");
          setTried(false);
          notify({ message: t("care.backup.saved") });
        },
      },
    );
  };
  return (
    <form className={classes.part} onSubmit={submit} noValidate>
      <p className={classes.hint}>{t("care.backup.hint")}</p>
      <Switch
        label={t("care.backup.secrets")}
        description={t("care.backup.secretsHint")}
        checked={secrets}
        onChange={(event) => {
          setSecrets(event.currentTarget.checked);
        }}
      />
      <Switch
        label={t("care.backup.log")}
        description={size && t("care.backup.logHint", { size: format.bytes(size.bytes) })}
        checked={log}
        onChange={(event) => {
          setLog(event.currentTarget.checked);
        }}
      />
      <p id="backup-passphrase" className={classes.hint}>
        {t("care.backup.passphraseHint")}
      </p>
      <div className={classes.words}>
        <PasswordInput
          className={classes.word ?? ""}
          label={t("care.backup.passphrase")}
          aria-describedby="backup-passphrase"
          autoComplete="new-password"
          value={passphrase}
          error={tried && short ? t("care.backup.short") : refused}
          onChange={(event) => {
            setPassphrase(event.currentTarget.value);
          }}
        />
        <PasswordInput
          className={classes.word ?? ""}
          label={t("care.backup.again")}
          autoComplete="new-password"
          value={again}
          error={tried && differ && t("care.backup.differ")}
          onChange={(event) => {
            setAgain(event.currentTarget.value);
          }}
        />
      </div>
      {save.error && !refused && <Notice tone="bad">{save.error.message}</Notice>}
      <div>
        <Button type="submit" loading={save.isPending}>
          {t("care.backup.save")}
        </Button>
      </div>
    </form>
  );
}
