import {
  IconAlertTriangle,
  IconCheck,
  IconLoader2,
  IconLock,
  IconPlugConnectedX,
  IconSlash,
  IconX,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Chip, type Tone } from "./Chip";
import classes from "./StatusChip.module.css";

/** How something stands; each has its own shape, so that colour is not needed to tell them apart. */
export type Standing = "running" | "ok" | "refused" | "failed" | "canceled" | "locked" | "lost";

const looks: Record<Standing, { tone: Tone; icon: ReactNode }> = {
  running: { tone: "live", icon: <IconLoader2 size={12} className={classes.turning} aria-hidden /> },
  ok: { tone: "ok", icon: <IconCheck size={12} stroke={2.5} aria-hidden /> },
  refused: { tone: "warn", icon: <IconAlertTriangle size={12} stroke={2.25} aria-hidden /> },
  failed: { tone: "bad", icon: <IconX size={12} stroke={2.5} aria-hidden /> },
  locked: { tone: "warn", icon: <IconLock size={12} stroke={2.25} aria-hidden /> },
  lost: { tone: "warn", icon: <IconPlugConnectedX size={12} stroke={2.25} aria-hidden /> },
  canceled: { tone: "quiet", icon: <IconSlash size={12} stroke={2.25} aria-hidden /> },
};

interface StatusChipProps {
  standing: Standing;
  label: string;
  hint?: string;
}

export function StatusChip({ standing, label, hint }: StatusChipProps) {
  const { tone, icon } = looks[standing];
  return (
    <Chip tone={tone} icon={icon} {...(hint && hint !== label ? { hint } : {})}>
      {label}
    </Chip>
  );
}
