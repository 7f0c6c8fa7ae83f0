import { Switch, type SwitchProps } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSetListener, useStatus } from "@/api/queries";
import { Confirm } from "@/ui/Confirm";

/** Says whether the listener serves these pages, as it does without a window. */
function servesThesePages(baseUrl: string): boolean {
  return (
    URL.canParse(baseUrl) && window.location.port !== "" && new URL(baseUrl).port === window.location.port
  );
}

/** The switch of the listener. It shows the state of the socket, and asks before it takes these pages away. */
export function ListenerSwitch(props: Pick<SwitchProps, "classNames" | "labelPosition">) {
  const { t } = useTranslation();
  const { data: status } = useStatus();
  const setListener = useSetListener();
  const [asking, setAsking] = useState(false);
  const running = status?.listener.state === "running";

  const toggle = (wanted: boolean) => {
    if (setListener.isPending) return;
    if (!wanted && servesThesePages(status?.listener.baseUrl ?? "")) setAsking(true);
    else setListener.mutate({ running: wanted });
  };
  return (
    <>
      <Switch
        {...props}
        label={t("listener.switch")}
        checked={setListener.isPending ? setListener.variables.running : running}
        disabled={!status}
        onChange={(event) => {
          toggle(event.currentTarget.checked);
        }}
      />
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
    </>
  );
}
