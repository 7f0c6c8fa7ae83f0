import { Button, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSetListener, useStatus } from "@/api/queries";
import { StateDot } from "@/ui/StateDot";
import classes from "./ListenerControl.module.css";

const tones = { running: "ok", stopped: "quiet", failed: "bad" } as const;

/** The switch of the listener, with its address and, when it failed, why. */
export function ListenerControl() {
  const { t } = useTranslation();
  const { data: status } = useStatus();
  const setListener = useSetListener();
  const listener = status?.listener;
  const state = listener?.state ?? "stopped";
  const pending = setListener.isPending;
  const wanted = setListener.variables?.running;
  const words = pending ? t(wanted ? "listener.starting" : "listener.stopping") : t(`listener.${state}`);

  return (
    <section className={classes.listener} aria-label={t("listener.title")}>
      <Switch
        label={t("listener.switch")}
        labelPosition="left"
        checked={pending ? wanted === true : state === "running"}
        disabled={!listener}
        onChange={(event) => {
          if (!pending) setListener.mutate({ running: event.currentTarget.checked });
        }}
        classNames={{ body: classes.switchBody ?? "", label: classes.switchLabel ?? "" }}
      />
      <div className={classes.state} aria-live="polite">
        <StateDot tone={tones[state]} />
        <span>{listener ? words : t("common.loading")}</span>
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
          size="compact-xs"
          mt={8}
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
