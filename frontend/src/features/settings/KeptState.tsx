import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { useForgetRestore, useKept, useUndoRestore } from "./backup";
import classes from "./BackupSection.module.css";

const choices = ["undo", "forget"] as const;

/** What was here before the last restore: put back, or deleted. */
export function KeptState() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useKept();
  const [asking, setAsking] = useState<(typeof choices)[number]>();
  const act = { undo: useUndoRestore(), forget: useForgetRestore() };
  const kept = data?.kept;
  if (!kept) return null;
  const time = format.moment(kept.at);
  const error = act.undo.error ?? act.forget.error;
  const close = () => {
    setAsking(undefined);
  };
  return (
    <div className={classes.kept}>
      <Notice
        tone="quiet"
        action={
          <div className={classes.both}>
            {choices.map((what) => (
              <Button
                key={what}
                onClick={() => {
                  setAsking(what);
                }}
              >
                {t(`care.restore.${what}`)}
              </Button>
            ))}
          </div>
        }
      >
        {t(kept.log ? "care.restore.keptLog" : "care.restore.kept", { time })}
      </Notice>
      {error && <Notice tone="bad">{error.message}</Notice>}
      {choices.map((what) => (
        <Confirm
          key={what}
          opened={asking === what}
          title={t(`care.restore.${what}`)}
          confirm={t(`care.restore.${what}`)}
          cancel={t("common.cancel")}
          busy={act[what].isPending}
          onClose={close}
          onConfirm={() => {
            act[what].mutate(undefined, {
              onSuccess: () => notify({ message: t(`care.restore.${what}Done`) }),
              onSettled: close,
            });
          }}
        >
          {t(`care.restore.${what}Ask`, { time })}
        </Confirm>
      ))}
    </div>
  );
}
