import classes from "./Meter.module.css";

interface MeterProps {
  /** What is left, 0 to 1. */
  share: number;
  /** What it measures, and how much that is in words. */
  label: string;
  valueText: string;
  /** Says that it is a guess: the bar is lighter. */
  estimated?: boolean;
}

function toneOf(share: number): "warn" | "bad" | undefined {
  if (share < 0.05) return "bad";
  return share < 0.2 ? "warn" : undefined;
}

/** A bar of how much is left; the words beside it say the same. */
export function Meter({ share, label, valueText, estimated = false }: MeterProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      role="meter"
      className={classes.track}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={valueText}
    >
      <div
        className={classes.fill}
        data-tone={toneOf(share)}
        data-estimated={estimated || undefined}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
