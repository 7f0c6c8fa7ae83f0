import type { Tone } from "./Chip";
import classes from "./StateDot.module.css";

/** A coloured dot beside a word that says the same: full, or a ring when it is off. */
export function StateDot({ tone }: { tone: Tone }) {
  return <span className={classes.dot} data-tone={tone} aria-hidden />;
}
