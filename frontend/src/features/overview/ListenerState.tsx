import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Listener } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { StateDot } from "@/ui/StateDot";
import classes from "./ListenerState.module.css";

const tones = { running: "ok", stopped: "quiet", failed: "bad" } as const;

/** One line about the listener: its state, since when, and what runs. */
export function ListenerState({ listener, children }: { listener: Listener; children: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.line}>
      <StateDot tone={tones[listener.state]} />
      <span className={classes.word}>{t(`listener.${listener.state}`)}</span>
      {listener.since && <span>{t("listener.since", { time: format.clock(listener.since) })}</span>}
      {listener.running > 0 && <span>· {t("listener.now", { count: listener.running })}</span>}
      <div className={classes.switch}>{children}</div>
    </div>
  );
}
