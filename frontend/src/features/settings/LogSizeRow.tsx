import { Button } from "@mantine/core";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWipe } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/ui/Confirm";
import { FieldRow } from "@/ui/FieldRow";
import { notify } from "@/ui/notify";
import { useLogSize } from "./backup";

/** How much the request log is now, and its end. */
export function LogSizeRow() {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const { data: size, error } = useLogSize();
  const wipe = useWipe();
  const [asking, setAsking] = useState(false);
  const said = size
    ? t("care.log.sizeValue", {
        size: format.bytes(size.bytes),
        count: size.exchanges,
        number: format.count(size.exchanges),
      })
    : (error?.message ?? t("common.loading"));
  return (
    <FieldRow
      id={id}
      label={t("care.log.size")}
      hint={said}
      state="idle"
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      <Button
        id={id}
        aria-label={t("requests.wipe")}
        aria-describedby={`${id}-hint`}
        onClick={() => {
          setAsking(true);
        }}
      >
        {t("requests.wipe")}
      </Button>
      <Confirm
        opened={asking}
        title={t("requests.wipeTitle")}
        confirm={t("requests.wipeConfirm")}
        cancel={t("common.cancel")}
        busy={wipe.isPending}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={() => {
          wipe.mutate(undefined, {
            onSuccess: () => notify({ message: t("requests.wiped") }),
            onSettled: () => {
              setAsking(false);
            },
          });
        }}
      >
        {t("requests.wipeHint")}
      </Confirm>
    </FieldRow>
  );
}
