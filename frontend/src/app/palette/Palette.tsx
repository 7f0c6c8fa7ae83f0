import { Modal } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useId, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { matching } from "./match";
import classes from "./Palette.module.css";
import { useEntries, type Entry } from "./useEntries";

interface PaletteProps {
  onClose: () => void;
  onShortcuts: () => void;
  toggleListener: (running: boolean) => void;
}

const groups = ["pages", "commands", "settings", "accounts", "models", "requests"] as const;
/** How many of a group are shown; more letters find the others. */
const most = { before: 5, searching: 8 };

/** The lines to show, group by group; where one searches, the group with the best line is first. */
function arrange(entries: readonly Entry[], text: string): Entry[] {
  const found = matching(entries, text);
  const searching = text.trim() !== "";
  const order = searching ? [...new Set(found.map(({ group }) => group))] : groups;
  return order.flatMap((name) => {
    const of = found.filter(({ group }) => group === name);
    const all = !searching && (name === "pages" || name === "commands");
    return all ? of : of.slice(0, searching ? most.searching : most.before);
  });
}

/** Finds and does everything by a few letters. */
export default function Palette({ onClose, onShortcuts, toggleListener }: PaletteProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const entries = arrange(useEntries({ toggleListener, showShortcuts: onShortcuts }), text);
  const at = Math.min(chosen, entries.length - 1);
  const current = entries[at];
  const optionId = (entry: Entry) => `${id}-${entry.id}`;

  const currentId = current && optionId(current);
  useEffect(() => {
    if (currentId) document.getElementById(currentId)?.scrollIntoView({ block: "nearest" });
  }, [currentId]);

  const run = (entry: Entry) => {
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: (at + 1) % entries.length,
      ArrowUp: (at - 1 + entries.length) % entries.length,
      PageDown: Math.min(at + 8, entries.length - 1),
      PageUp: Math.max(at - 8, 0),
    };
    const next = moves[event.key];
    if (event.nativeEvent.isComposing) return; // Enter takes the letters of an input method.
    if (next !== undefined) setChosen(next);
    else if (event.key === "Enter" && current) run(current);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      yOffset="12vh"
      size={600}
      padding={0}
      aria-label={t("palette.title")}
    >
      <div className={classes.search}>
        <IconSearch size={16} aria-hidden />
        <input
          data-autofocus
          className={classes.input}
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={currentId}
          aria-label={t("palette.title")}
          placeholder={t("palette.placeholder")}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          spellCheck={false}
          autoComplete="off"
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={t("palette.title")} className={classes.list}>
        {entries.map((entry, index) => (
          <Line
            key={entry.id}
            entry={entry}
            id={optionId(entry)}
            heading={entries[index - 1]?.group !== entry.group}
            selected={index === at}
            onPoint={() => {
              setChosen(index);
            }}
            onRun={() => {
              run(entry);
            }}
          />
        ))}
      </div>
      {entries.length === 0 && (
        <p className={classes.none} role="status">
          {t("palette.none", { text: text.trim() })}
        </p>
      )}
    </Modal>
  );
}

interface LineProps {
  entry: Entry;
  id: string;
  /** Says that a new group begins. */
  heading: boolean;
  selected: boolean;
  onPoint: () => void;
  onRun: () => void;
}

function Line({ entry, id, heading, selected, onPoint, onRun }: LineProps) {
  const { t } = useTranslation();
  const Icon = entry.icon;
  return (
    <>
      {heading && (
        <div className={classes.group} role="presentation">
          {t(`palette.group.${entry.group}`)}
        </div>
      )}
      <div
        id={id}
        role="option"
        aria-selected={selected}
        className={classes.line}
        // Moving the list below a resting pointer is not pointing.
        onPointerMove={selected ? undefined : onPoint}
        onClick={onRun}
      >
        <Icon size={16} stroke={1.75} aria-hidden />
        <span className={classes.label}>{entry.label}</span>
        {entry.hint && <span className={classes.hint}>{entry.hint}</span>}
      </div>
    </>
  );
}
