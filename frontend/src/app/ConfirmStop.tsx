import { useTranslation } from "react-i18next";
import { Confirm } from "@/ui/Confirm";
import type { ListenerToggle } from "./useListenerToggle";

/** Asks whether these pages may stop with the listener that serves them. */
export function ConfirmStop({ toggle }: { toggle: ListenerToggle }) {
  const { t } = useTranslation();
  return (
    <Confirm
      opened={toggle.asking}
      title={t("listener.stopTitle")}
      confirm={t("listener.stop")}
      cancel={t("common.cancel")}
      onClose={toggle.cancel}
      onConfirm={toggle.confirm}
    >
      {t("listener.stopHint")}
    </Confirm>
  );
}
