import { Button, FileButton, Textarea, TextInput } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { ImportSource } from "@/api/types";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Fold } from "@/ui/Fold";
import { Notice } from "@/ui/Notice";
import { useFoundSources } from "../queries";
import classes from "./Import.module.css";

interface ImportSourcesProps {
  path: string;
  busy: boolean;
  error: Error | null;
  onChoose: (source: ImportSource) => void;
  onClose: () => void;
}

/** Where sign-ins may be: on this machine if one asks, at a path, in a file, in a text. */
export function ImportSources({ path: proposed, busy, error, onChoose, onClose }: ImportSourcesProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState(proposed);
  const [text, setText] = useState("");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (text.trim()) onChoose({ path: "", text });
    else onChoose({ path: path.trim() });
  };
  const readFile = (file: File | null) => {
    if (!file) return;
    void file.text().then((content) => {
      onChoose({ path: file.name, text: content });
    });
  };
  return (
    <form onSubmit={submit}>
      <DialogBody>
        <p className={classes.dim}>{t("accounts.importing.hint")}</p>
        <Found onChoose={onChoose} />
        <TextInput
          label={t("accounts.importing.path")}
          description={t("accounts.importing.pathHint")}
          placeholder="~/.gemini/oauth_creds.json"
          data-autofocus
          autoFocus
          spellCheck={false}
          value={path}
          onChange={(event) => {
            setPath(event.currentTarget.value);
          }}
        />
        <div className={classes.row}>
          <FileButton accept=".json,application/json" onChange={readFile}>
            {(props) => <Button {...props}>{t("accounts.importing.chooseFile")}</Button>}
          </FileButton>
          <span className={classes.dim}>{t("accounts.importing.chooseFileHint")}</span>
        </div>
        <Fold label={t("accounts.importing.text")}>
          <Textarea
            size="xs"
            rows={5}
            aria-label={t("accounts.importing.text")}
            spellCheck={false}
            autoComplete="off"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
          />
        </Fold>
        {error && (
          <Notice tone="bad" title={t("accounts.importing.error")}>
            {error.message}
          </Notice>
        )}
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            variant="filled"
            loading={busy}
            disabled={path.trim() === "" && text.trim() === ""}
          >
            {t("accounts.importing.preview")}
          </Button>
        </DialogFoot>
      </DialogBody>
    </form>
  );
}

/** What is on this machine; it is looked for only when the person says so. */
function Found({ onChoose }: { onChoose: (source: ImportSource) => void }) {
  const { t } = useTranslation();
  const found = useFoundSources();
  const sources = found.data;
  return (
    <div>
      <div className={classes.row}>
        <Button
          loading={found.isPending}
          onClick={() => {
            found.mutate();
          }}
        >
          {t("accounts.importing.look")}
        </Button>
        <span className={classes.dim} aria-live="polite">
          {sources
            ? t("accounts.importing.found", { count: sources.length })
            : t("accounts.importing.lookHint")}
        </span>
      </div>
      {found.error && <Notice tone="bad">{found.error.message}</Notice>}
      {sources && sources.length > 0 && (
        <ul className={classes.sources}>
          {sources.map(({ path = "", title }) => (
            <li key={path}>
              <button
                type="button"
                className={classes.source}
                onClick={() => {
                  onChoose({ path });
                }}
              >
                <span className={classes.sourceTitle}>{title}</span>
                <code className={classes.path} title={path}>
                  {path}
                </code>
                <IconChevronRight size={14} aria-hidden className={classes.mark} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
