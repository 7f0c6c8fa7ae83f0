import { ActionIcon, Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconSearch, IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { statusClasses, type ExchangeFilter } from "@/api/client";
import classes from "./Toolbar.module.css";

const typingPauseMs = 200;

interface ToolbarProps {
  filter: ExchangeFilter;
  onText: (text: string) => void;
  onClass: (value: ExchangeFilter["class"]) => void;
  paused: boolean;
  /** How many have come since the pause. */
  waiting: number;
  onPause: () => void;
  onWipe: () => void;
}

/** What is shown of the log, and whether it moves. */
export function Toolbar({ filter, onText, onClass, paused, waiting, onPause, onWipe }: ToolbarProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("requests.filter")}>
      <Search text={filter.text} onText={onText} />
      <SegmentedControl
        aria-label={t("requests.filter")}
        value={filter.class}
        onChange={(value) => {
          onClass(value);
        }}
        data={statusClasses.map((value) => ({ value, label: t(`requests.class.${value || "all"}`) }))}
      />
      <div className={classes.actions}>
        <Button
          leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
          aria-pressed={paused}
          onClick={onPause}
        >
          {t(paused ? "requests.resume" : "requests.pause")}
          {paused && waiting > 0 && (
            <span className={classes.waiting} aria-live="polite">
              {t("requests.new", { count: waiting })}
            </span>
          )}
        </Button>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t("requests.wipe")}
          title={t("requests.wipe")}
          onClick={onWipe}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </div>
    </div>
  );
}

function Search({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  const [seen, setSeen] = useState(text);
  if (seen !== text) {
    // The address changed by itself, as by "Show all".
    setSeen(text);
    setTyped(text);
  }
  useEffect(() => {
    if (typed === text) return undefined;
    const timer = window.setTimeout(() => {
      onText(typed.trim());
    }, typingPauseMs);
    return () => {
      window.clearTimeout(timer);
    };
  }, [typed, text, onText]);
  return (
    <TextInput
      type="search"
      className={classes.search ?? ""}
      aria-label={t("requests.searchLabel")}
      aria-keyshortcuts="/"
      placeholder={t("requests.search")}
      leftSection={<IconSearch size={14} />}
      rightSection={
        typed ? (
          <ActionIcon
            size={20}
            aria-label={t("requests.clearSearch")}
            onClick={() => {
              setTyped("");
            }}
          >
            <IconX size={14} />
          </ActionIcon>
        ) : (
          <kbd className={classes.key} aria-hidden>
            /
          </kbd>
        )
      }
      value={typed}
      maxLength={200}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (typed) setTyped("");
        else event.currentTarget.blur();
        event.stopPropagation();
      }}
    />
  );
}
