import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconPhoto, IconPlayerStopFilled, IconSend2, IconX } from "@tabler/icons-react";
import { useRef, useState, type ClipboardEvent, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Composer.module.css";
import { imageTypes, largestImageMB, mostImages, readImages, type ImageProblem } from "./images";

interface ComposerProps {
  running: boolean;
  /** Something stands in the way of sending; the hint says what. */
  blocked: boolean;
  hint: string;
  onSend: (text: string, images: string[]) => void;
  onStop: () => void;
}

/** The pictures of a question that is being written. */
function useImages() {
  const [images, setImages] = useState<string[]>([]);
  const [problem, setProblem] = useState<ImageProblem>();
  const add = async (files: readonly File[]) => {
    if (files.length === 0) return;
    const read = await readImages(files, images.length);
    setImages((before) => [...before, ...read.images]);
    setProblem(read.problem);
  };
  const remove = (at: number) => {
    setImages((before) => before.filter((_image, index) => index !== at));
    setProblem(undefined);
  };
  const clear = () => {
    setImages([]);
    setProblem(undefined);
  };
  return { images, problem, add, remove, clear };
}

/** Where a question is written: Enter sends it; pictures are pasted, dropped or picked. */
export function Composer({ running, blocked, hint, onSend, onStop }: ComposerProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const pictures = useImages();
  const { images, problem } = pictures;
  const empty = text.trim() === "" && images.length === 0;
  const send = () => {
    if (empty || blocked || running) return;
    onSend(text, images);
    setText("");
    pictures.clear();
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    void pictures.add(files);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void pictures.add([...event.dataTransfer.files]);
  };
  return (
    <div
      className={classes.composer}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={drop}
    >
      {images.length > 0 && (
        <ul className={classes.images} aria-label={t("playground.images")}>
          {images.map((url, at) => (
            <li key={at}>
              <img src={url} alt={t("playground.image", { number: at + 1 })} />
              <button
                type="button"
                aria-label={t("playground.removeImage", { number: at + 1 })}
                onClick={() => {
                  pictures.remove(at);
                }}
              >
                <IconX size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {problem && (
        <div className={classes.problem} role="alert">
          {t(`playground.imageProblem.${problem}`, { mb: largestImageMB, count: mostImages })}
        </div>
      )}
      <textarea
        className={classes.field}
        aria-label={t("playground.message")}
        placeholder={t("playground.placeholder")}
        rows={2}
        value={text}
        autoFocus
        onPaste={paste}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          // Enter also ends the writing of a Chinese word.
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div className={classes.foot}>
        <input
          ref={picker}
          type="file"
          accept={imageTypes}
          multiple
          hidden
          onChange={(event) => {
            void pictures.add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <Tooltip label={t("playground.addImage")}>
          <ActionIcon aria-label={t("playground.addImage")} onClick={() => picker.current?.click()}>
            <IconPhoto size={16} />
          </ActionIcon>
        </Tooltip>
        <span className={classes.hint} data-bad={blocked || undefined}>
          {hint}
        </span>
        {running ? (
          <Button leftSection={<IconPlayerStopFilled size={12} />} onClick={onStop}>
            {t("playground.stop")}
          </Button>
        ) : (
          <Button
            variant="filled"
            leftSection={<IconSend2 size={14} />}
            disabled={empty || blocked}
            onClick={send}
          >
            {t("playground.send")}
          </Button>
        )}
      </div>
    </div>
  );
}
