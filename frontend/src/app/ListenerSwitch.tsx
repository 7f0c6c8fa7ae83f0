import { Switch, type SwitchProps } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ConfirmStop } from "./ConfirmStop";
import { useListenerToggle } from "./useListenerToggle";

/** The switch of the listener. It shows the state of the socket, and asks before it takes these pages away. */
export function ListenerSwitch(props: Pick<SwitchProps, "classNames" | "labelPosition">) {
  const { t } = useTranslation();
  const toggle = useListenerToggle();
  return (
    <>
      <Switch
        {...props}
        label={t("listener.switch")}
        checked={toggle.running}
        disabled={!toggle.known}
        onChange={(event) => {
          toggle.toggle(event.currentTarget.checked);
        }}
      />
      <ConfirmStop toggle={toggle} />
    </>
  );
}
