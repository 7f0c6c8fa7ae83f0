import {
  IconAlertTriangle,
  IconCheck,
  IconClockPause,
  IconGauge,
  IconLoader2,
  IconLock,
  IconPlugConnectedX,
  IconRotateClockwise,
  IconSlash,
  IconX,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Chip, type Tone } from "./Chip";
import classes from "./StatusChip.module.css";

/** How something stands; each has its own shape, so that colour is not needed to tell them apart. */
export type Look =
  "running" | "ok" | "refused" | "failed" | "canceled" | "locked" | "lost" | "resting" | "trying" | "paced";

const looks: Record<Look, { tone: Tone; icon: ReactNode }> = {
  running: { tone: "live", icon: <IconLoader2 size={12} className={classes.turning} aria-hidden /> },
  ok: { tone: "ok", icon: <IconCheck size={12} stroke={2.5} aria-hidden /> },
  refused: { tone: "warn", icon: <IconAlertTriangle size={12} stroke={2.25} aria-hidden /> },
  failed: { tone: "bad", icon: <IconX size={12} stroke={2.5} aria-hidden /> },
  locked: { tone: "warn", icon: <IconLock size={12} stroke={2.25} aria-hidden /> },
  lost: { tone: "warn", icon: <IconPlugConnectedX size={12} stroke={2.25} aria-hidden /> },
  resting: { tone: "warn", icon: <IconClockPause size={12} stroke={2.25} aria-hidden /> },
  trying: { tone: "live", icon: <IconRotateClockwise size={12} stroke={2.25} aria-hidden /> },
  paced: { tone: "quiet", icon: <IconGauge size={12} stroke={2.25} aria-hidden /> },
  canceled: { tone: "quiet", icon: <IconSlash size={12} stroke={2.25} aria-hidden /> },
};

interface StatusChipProps {
  look: Look;
  label: ReactNode;
  hint?: string;
}

export function StatusChip({ look, label, hint }: StatusChipProps) {
  const { tone, icon } = looks[look];
  return (
    <Chip tone={tone} icon={icon} {...(hint && hint !== label ? { hint } : {})}>
      {label}
    </Chip>
  );
}
