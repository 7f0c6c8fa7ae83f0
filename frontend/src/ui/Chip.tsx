import type { ReactNode } from "react";
import classes from "./Chip.module.css";

export type Tone = "ok" | "warn" | "bad" | "live" | "quiet";

interface ChipProps {
  tone: Tone;
  icon?: ReactNode;
  /** Says in words what the label abbreviates. */
  hint?: string;
  children: ReactNode;
}

/** A state in a word, with a shape and a colour that say the same. */
export function Chip({ tone, icon, hint, children }: ChipProps) {
  return (
    <span className={classes.chip} data-tone={tone} title={hint}>
      {icon}
      <span className={classes.label}>{children}</span>
      {hint && <span className={classes.hint}> {hint}</span>}
    </span>
  );
}
