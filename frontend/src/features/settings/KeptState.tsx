import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { useForgetRestore, useKept, useUndoRestore } from "./backup";
import classes from "./BackupSection.module.css";

/** What was here before the last restore: put back, or deleted. */
export function KeptState() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useKept();
  const [asking, setAsking] = useState<"undo" | "forget">();
  const undo = useUndoRestore();
  const forget = useForgetRestore();
  const kept = data?.kept;
  if (!kept) return null;
  const time = format.moment(kept.at);
  const error = undo.error ?? forget.error;
  const done = (message: string) => ({
    onSuccess: () => notify({ message }),
    onSettled: () => {
      setAsking(undefined);
    },
  });
  return (
    <div className={classes.kept}>
      <Notice
        tone="quiet"
        action={
          <div className={classes.both}>
            {(["undo", "forget"] as const).map((what) => (
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
      <Confirm
        opened={asking === "undo"}
        title={t("care.restore.undoTitle")}
        confirm={t("care.restore.undo")}
        cancel={t("common.cancel")}
        busy={undo.isPending}
        onClose={() => {
          setAsking(undefined);
        }}
        onConfirm={() => {
          undo.mutate(undefined, done(t("care.restore.undone")));
        }}
      >
        {t("care.restore.undoAsk", { time })}
      </Confirm>
      <Confirm
        opened={asking === "forget"}
        title={t("care.restore.forgetTitle")}
        confirm={t("care.restore.forget")}
        cancel={t("common.cancel")}
        busy={forget.isPending}
        onClose={() => {
          setAsking(undefined);
        }}
        onConfirm={() => {
          forget.mutate(undefined, done(t("care.restore.forgotten")));
        }}
      >
        {t("care.restore.forgetAsk")}
      </Confirm>
    </div>
  );
}
