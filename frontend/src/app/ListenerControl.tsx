import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSetListener, useStatus } from "@/api/queries";
import { StateDot } from "@/ui/StateDot";
import classes from "./ListenerControl.module.css";
import { ListenerSwitch } from "./ListenerSwitch";

const tones = { running: "ok", stopped: "quiet", failed: "bad" } as const;
const switchClasses = { body: classes.switchBody ?? "", label: classes.switchLabel ?? "" };

/** The listener on top of the rail: its switch, its address and, when it failed, why. */
export function ListenerControl({ connected }: { connected: boolean }) {
  const { t } = useTranslation();
  const { data: status } = useStatus();
  const setListener = useSetListener();
  const listener = status?.listener;
  const state = listener?.state ?? "stopped";
  const known = listener ? t(`listener.${state}`) : t("common.loading");
  // What was read before the connection was lost may no longer be so.
  const words = connected ? known : t("listener.unreachable");

  return (
    <section className={classes.listener} aria-label={t("listener.title")}>
      <ListenerSwitch labelPosition="left" classNames={switchClasses} />
      <div className={classes.state} aria-live="polite">
        <StateDot tone={connected ? tones[state] : "quiet"} />
        <span>{words}</span>
      </div>
      <div className={classes.address}>{listener?.address ?? " "}</div>
      {listener?.error && (
        <div className={classes.error} role="alert">
          {listener.error}
        </div>
      )}
      {listener?.state === "failed" && listener.freePort > 0 && (
        <Button
          fullWidth
          size="compact-sm"
          mt={8}
          loading={setListener.isPending}
          onClick={() => {
            setListener.mutate({ running: true, port: listener.freePort });
          }}
        >
          {t("listener.useFreePort", { port: listener.freePort })}
        </Button>
      )}
    </section>
  );
}
