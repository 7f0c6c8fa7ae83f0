import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "@/api/client";
import type { Diagnostics } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { saveAs } from "@/desktop/save";
import { CopyButton } from "@/ui/CopyButton";
import { DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import classes from "./Diagnostics.module.css";
import { DialogRow } from "./DialogRow";

/** A report for somebody who helps: read first, then copied or saved. */
export function DiagnosticsRow() {
  const { t } = useTranslation();
  return (
    <DialogRow
      label={t("care.diagnostics.label")}
      hint={t("care.diagnostics.hint")}
      open={t("care.diagnostics.open")}
    >
      {(close) => <Report onDone={close} />}
    </DialogRow>
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
    <>
      <p>{t("care.diagnostics.said")}</p>
      {data ? (
        <pre className={classes.text} role="region" aria-label={t("care.diagnostics.text")} tabIndex={0}>
          {data.text}
        </pre>
      ) : (
        !error && <Skeleton height={320} />
      )}
      {problem && <Notice tone="bad">{problem.message}</Notice>}
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
    </>
  );
}
