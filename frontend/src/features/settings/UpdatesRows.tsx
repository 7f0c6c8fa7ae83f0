import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/api/client";
import { useSettings } from "@/api/queries";
import type { Settings, UpdateNotice } from "@/api/types";
import { FieldRow } from "@/ui/FieldRow";
import { Notice } from "@/ui/Notice";
import { ChoiceField, TextField } from "./fields";
import classes from "./UpdatesRows.module.css";
import { useField } from "./useField";

const key = ["updates"];

/** Whether there is a newer version, and whether it is looked for; and where traces go. */
export function UpdatesRows({ version }: { version: string }) {
  const { data: settings } = useSettings();
  return (
    <>
      <NoticeRow version={version} />
      {settings && <Choices settings={settings} />}
    </>
  );
}

function Choices({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const check = useField(settings, "updateCheck", t("updates.check"));
  const traces = useField(settings, "otlpEndpoint", t("updates.traces"));
  return (
    <>
      <ChoiceField
        field={check}
        hint={t("updates.checkHint")}
        choices={[
          { value: "off", label: t("updates.off") },
          { value: "daily", label: t("updates.daily") },
        ]}
      />
      <TextField field={traces} suggestions={[]} hint={t("updates.tracesHint")} />
    </>
  );
}

function NoticeRow({ version }: { version: string }) {
  const { t } = useTranslation();
  const id = useId();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call<UpdateNotice>("GET", "/updates", undefined, signal),
    refetchOnMount: "always",
  });
  const ask = useMutation({
    mutationFn: () => call<UpdateNotice>("POST", "/updates"),
    onSuccess: (now) => {
      client.setQueryData(key, now);
    },
  });
  if (!data) return null;
  const known = data.askedAt ? t("updates.none", { version }) : t("updates.never");
  return (
    <>
      <FieldRow
        id={id}
        label={t("updates.label")}
        hint={data.problem || (data.version ? t("updates.out", { version: data.version }) : known)}
        state="idle"
        words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
      >
        <Button
          id={id}
          aria-label={t("updates.ask")}
          aria-describedby={`${id}-hint`}
          loading={ask.isPending}
          onClick={() => {
            ask.mutate();
          }}
        >
          {t("updates.ask")}
        </Button>
      </FieldRow>
      {data.version && (
        <Notice
          tone="quiet"
          title={t("updates.out", { version: data.version })}
          action={
            data.link && (
              <a href={data.link} target="_blank" rel="noreferrer">
                {t("updates.open")}
              </a>
            )
          }
        >
          <div className={classes.notes}>{data.notes}</div>
        </Notice>
      )}
    </>
  );
}
