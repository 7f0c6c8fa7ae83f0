import { ActionIcon, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import classes from "./SearchField.module.css";

const typingPauseMs = 200;

interface SearchFieldProps {
  /** The text that is searched for now, as the address has it. */
  text: string;
  label: string;
  placeholder: string;
  /** What the button that empties it does. */
  clear: string;
  onText: (text: string) => void;
}

/** The page's search: "/" goes to it, Escape empties it, and it waits until one has typed. */
export function SearchField({ text, label, placeholder, clear, onText }: SearchFieldProps) {
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
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={placeholder}
      leftSection={<IconSearch size={14} />}
      rightSection={
        typed ? (
          <ActionIcon
            size={20}
            aria-label={clear}
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
