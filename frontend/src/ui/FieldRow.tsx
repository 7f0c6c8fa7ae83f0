import { Loader } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./FieldRow.module.css";

interface FieldRowProps {
  /** The id of the control, which the label names. */
  id: string;
  label: string;
  hint?: string | undefined;
  state: "idle" | "saving" | "saved" | "failed";
  words: { saving: string; saved: string };
  children: ReactNode;
}

/** A setting: its name and what it means at the left, its control at the right, and whether it is saved. */
export function FieldRow({ id, label, hint, state, words, children }: FieldRowProps) {
  return (
    <div className={classes.row}>
      <div className={classes.text}>
        <label htmlFor={id} id={`${id}-label`} className={classes.label}>
          {label}
        </label>
        {hint && (
          <div id={`${id}-hint`} className={classes.hint}>
            {hint}
          </div>
        )}
      </div>
      <div className={classes.state} aria-live="polite">
        {state === "saving" && <Loader size={14} aria-label={words.saving} />}
        {state === "saved" && (
          <span className={classes.saved}>
            <IconCheck size={14} aria-hidden />
            {words.saved}
          </span>
        )}
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  );
}
