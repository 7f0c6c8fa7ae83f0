import { Button, FileButton, PasswordInput, Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Way } from "@/api/types";
import { Outside } from "./Outside";
import classes from "./SecretInput.module.css";

interface SecretInputProps {
  way: Way;
  value: string;
  error: string | undefined;
  /** The keyboard begins here. */
  first: boolean;
  onChange: (secret: string) => void;
}

/** Where the secret of a way goes in: a key, or the content of a file. */
export function SecretInput({ way, value, error, first, onChange }: SecretInputProps) {
  const { t } = useTranslation();
  const isFile = way.credential === "file";
  const words = t(isFile ? "accounts.form.filePage" : "accounts.form.keyPage");
  const page = way.keyPage && <Outside href={way.keyPage}>{words}</Outside>;
  if (isFile) {
    return (
      <div>
        <div className={classes.row}>
          <FileButton onChange={(file) => void file?.text().then(onChange)}>
            {(props) => <Button {...props}>{t("accounts.form.chooseFile")}</Button>}
          </FileButton>
          {page}
        </div>
        <Textarea
          label={t("accounts.form.file")}
          description={t("accounts.form.fileHint")}
          mt={8}
          size="xs"
          rows={4}
          spellCheck={false}
          autoComplete="off"
          value={value}
          error={error}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
        />
      </div>
    );
  }
  return (
    <div>
      <PasswordInput
        label={t(way.credential === "optionalKey" ? "accounts.form.optionalKey" : "accounts.form.key")}
        withAsterisk={way.credential === "key"}
        data-autofocus={first || undefined}
        autoFocus={first}
        autoComplete="off"
        value={value}
        error={error}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
      {page && <div className={classes.page}>{page}</div>}
    </div>
  );
}
