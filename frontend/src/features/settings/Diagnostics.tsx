import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/api/client";
import type { Diagnostics } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { saveAs } from "@/desktop/save";
import { CopyButton } from "@/ui/CopyButton";
import { Dialog, DialogBody, DialogFoot } from "@/ui/Dialog";
import { FieldRow } from "@/ui/FieldRow";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import classes from "./Diagnostics.module.css";

/** A report for somebody who helps: read first, then copied or saved. */
export function DiagnosticsRow() {
  const { t } = useTranslation();
  const id = useId();
  const [opened, setOpened] = useState(false);
  const close = () => {
    setOpened(false);
  };
  return (
    <FieldRow
      id={id}
      label={t("care.diagnostics.label")}
      hint={t("care.diagnostics.hint")}
      state="idle"
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      <Button
        id={id}
        aria-label={t("care.diagnostics.open")}
        aria-describedby={`${id}-hint`}
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("care.diagnostics.open")}
      </Button>
      <Dialog
        opened={opened}
        title={t("care.diagnostics.title")}
        closeLabel={t("common.close")}
        size={720}
        onClose={close}
      >
        <Report onDone={close} />
      </Dialog>
    </FieldRow>
  );
}

function Report({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  // Each look is a new report; what is saved is the one that was read.
  const { data, error } = useQuery({
    queryKey: ["diagnostics"],
    queryFn: ({ signal }) => call<Diagnostics>("GET", "/diagnostics", undefined, signal),
    gcTime: 0,
    staleTime: Infinity,
    refetchOnMount: "always",
  });
  const save = useMutation({
    mutationFn: (id: string) => saveAs("openaicompatible-diagnostics.json", `/diagnostics/${id}`),
    meta: { inline: true },
    onSuccess: (saved) => {
      if (!saved) return;
      notify({ message: t("care.diagnostics.saved") });
      onDone();
    },
  });
  const problem = error ?? save.error;
  return (
    <DialogBody>
      <p>{t("care.diagnostics.said")}</p>
      {data ? (
        <pre className={classes.text} role="region" aria-label={t("care.diagnostics.text")} tabIndex={0}>
          {data.text}
        </pre>
      ) : (
        !error && <Skeleton height={320} />
      )}
      {problem && (
        <Notice tone="bad" title={t("care.diagnostics.failed")}>
          {problem.message}
        </Notice>
      )}
      <DialogFoot>
        {data && (
          <CopyButton label={t("common.copy")} done={t("common.copied")} onCopy={() => copyText(data.text)} />
        )}
        <Button
          variant="filled"
          disabled={!data}
          loading={save.isPending}
          onClick={() => {
            if (data) save.mutate(data.id);
          }}
        >
          {t("care.diagnostics.save")}
        </Button>
      </DialogFoot>
    </DialogBody>
  );
}
