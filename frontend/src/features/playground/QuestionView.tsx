import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Question } from "./conversation";
import classes from "./QuestionView.module.css";

interface QuestionViewProps {
  question: Question;
  onResend: (text: string, images: string[]) => void;
}

/** What a person asked; it can be asked again in other words. */
export function QuestionView({ question, onResend }: QuestionViewProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<string>();
  const { text, images, lost } = question;
  const send = () => {
    if (draft === undefined || (draft.trim() === "" && images.length === 0)) return;
    onResend(draft, images);
    setDraft(undefined);
  };
  return (
    <article className={classes.question} aria-label={t("playground.you")}>
      <div className={classes.bubble} data-editing={draft !== undefined || undefined}>
        {images.length > 0 && (
          <div className={classes.images}>
            {images.map((url, at) => (
              <img key={at} src={url} alt={t("playground.image", { number: at + 1 })} />
            ))}
          </div>
        )}
        {lost > 0 && <p className={classes.lost}>{t("playground.lost", { count: lost })}</p>}
        {draft === undefined ? (
          <div className={classes.text}>{text}</div>
        ) : (
          <>
            <textarea
              className={classes.field}
              aria-label={t("playground.edit")}
              autoFocus
              value={draft}
              onChange={(event) => {
                setDraft(event.currentTarget.value);
              }}
              onKeyDown={(event) => {
                if (event.nativeEvent.isComposing) return;
                if (event.key === "Escape") setDraft(undefined);
                if (event.key === "Enter" && !event.shiftKey) {
                  event.preventDefault();
                  send();
                }
              }}
            />
            <div className={classes.buttons}>
              <Button
                size="compact-sm"
                onClick={() => {
                  setDraft(undefined);
                }}
              >
                {t("common.cancel")}
              </Button>
              <Button size="compact-sm" variant="filled" onClick={send}>
                {t("playground.resend")}
              </Button>
            </div>
          </>
        )}
      </div>
      {draft === undefined && (
        <Tooltip label={t("playground.edit")}>
          <ActionIcon
            aria-label={t("playground.edit")}
            onClick={() => {
              setDraft(text);
            }}
          >
            <IconPencil size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </article>
  );
}
