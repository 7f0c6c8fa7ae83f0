import { Button, Skeleton } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Client } from "@/api/types";
import { Dialog, DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { Changes } from "./Changes";
import { usePreviewUndo, useUndo } from "./queries";

interface UndoDialogProps {
  client: Client;
  onClose: () => void;
}

/** Asks before a file that a person changed since is restored, and shows what goes. */
export function UndoDialog({ client, onClose }: UndoDialogProps) {
  const { t } = useTranslation();
  const { mutate: look, data, error } = usePreviewUndo();
  const undo = useUndo();
  const { id, title: name } = client;
  useEffect(() => {
    look(id);
  }, [look, id]);
  const problem = error ?? undo.error;
  const restore = () => {
    undo.mutate(
      { id, digests: data?.changes.map(({ digest }) => digest) ?? [] },
      {
        onSuccess: () => {
          notify({ message: t("connect.undone", { name }) });
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      opened
      title={t("connect.restoreTitle", { name })}
      closeLabel={t("common.close")}
      size={680}
      onClose={onClose}
    >
      <DialogBody>
        <Notice tone="warn">{t("connect.restoreHint")}</Notice>
        {data ? <Changes changes={data.changes} /> : !error && <Skeleton height={120} />}
        {problem && (
          <Notice tone="bad" title={t("connect.failed")}>
            {problem.message}
          </Notice>
        )}
      </DialogBody>
      <DialogFoot>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button color="red.9" variant="filled" disabled={!data} loading={undo.isPending} onClick={restore}>
          {t("connect.restore")}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
