import { Button, Switch } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSetListener, useStatus } from "@/api/queries";
import { Confirm } from "@/ui/Confirm";
import { StateDot } from "@/ui/StateDot";
import classes from "./ListenerControl.module.css";

const tones = { running: "ok", stopped: "quiet", failed: "bad" } as const;

/** Says whether the listener serves these pages, as it does without a window. */
function servesThesePages(baseUrl: string): boolean {
  return (
    URL.canParse(baseUrl) && new URL(baseUrl).port === window.location.port && window.location.port !== ""
  );
}

/** The switch of the listener, with its address and, when it failed, why. */
export function ListenerControl() {
  const { t } = useTranslation();
  const { data: status } = useStatus();
  const setListener = useSetListener();
  const [asking, setAsking] = useState(false);
  const listener = status?.listener;
  const state = listener?.state ?? "stopped";
  const pending = setListener.isPending;
  const wanted = setListener.variables?.running === true;
  const words = pending ? t(wanted ? "listener.starting" : "listener.stopping") : t(`listener.${state}`);

  const toggle = (running: boolean) => {
    if (pending) return;
    if (!running && servesThesePages(listener?.baseUrl ?? "")) setAsking(true);
    else setListener.mutate({ running });
  };
  return (
    <section className={classes.listener} aria-label={t("listener.title")}>
      <Switch
        label={t("listener.switch")}
        labelPosition="left"
        checked={pending ? wanted : state === "running"}
        disabled={!listener}
        onChange={(event) => {
          toggle(event.currentTarget.checked);
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
          size="compact-sm"
          mt={8}
          onClick={() => {
            setListener.mutate({ running: true, port: listener.freePort });
          }}
        >
          {t("listener.useFreePort", { port: listener.freePort })}
        </Button>
      )}
      <Confirm
        opened={asking}
        title={t("listener.stopTitle")}
        confirm={t("listener.stop")}
        cancel={t("common.cancel")}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={() => {
          setAsking(false);
          setListener.mutate({ running: false });
        }}
      >
        {t("listener.stopHint")}
      </Confirm>
    </section>
  );
}
