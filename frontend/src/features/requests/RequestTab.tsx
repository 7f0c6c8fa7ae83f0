import { Autocomplete, Button } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useModels, useStatus } from "@/api/queries";
import type { ExchangeBody, ExchangeDetail } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { Blank } from "@/ui/Blank";
import { CopyButton } from "@/ui/CopyButton";
import { Notice } from "@/ui/Notice";
import { useSearchParam } from "@/ui/useSearchParam";
import { NoBody, Raw, Section } from "./BodyParts";
import { Changes } from "./Changes";
import tab from "./OverviewTab.module.css";
import { useReplay } from "./queries";
import { requestCommand } from "./requestCommand";
import classes from "./RequestTab.module.css";

/** What the client sent, what the upstream got of it, and how to send it again. */
export function RequestTab({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  if (detail.running) return <Blank title={t("outcome.running")}>{t("drawer.stillRunning")}</Blank>;
  if (!detail.body) return <NoBody detail={detail} />;
  return (
    <div className={tab.stack}>
      <Again detail={detail} body={detail.body} />
      {detail.body.sent && (
        <Changes
          title={t("drawer.changes")}
          before={detail.body.request}
          after={detail.body.sent}
          same={t("drawer.same")}
        />
      )}
      <Raw title={t("drawer.client")} text={detail.body.request} cut={detail.body.requestCut} />
      {detail.body.sent && (
        <Raw title={t("drawer.upstream")} text={detail.body.sent} cut={detail.body.sentCut} />
      )}
    </div>
  );
}

function Again({ detail, body }: { detail: ExchangeDetail; body: ExchangeBody }) {
  const { t } = useTranslation();
  const status = useStatus();
  const models = useModels();
  const replay = useReplay();
  const [, open] = useSearchParam("request");
  const [model, setModel] = useState(detail.asked);
  const names = useMemo(() => [...new Set(models.data?.map(({ id }) => id))], [models.data]);
  const command = requestCommand({
    baseUrl: status.data?.listener.baseUrl ?? "",
    path: detail.path,
    body: body.request,
  });
  return (
    <Section title={t("drawer.again")}>
      <div className={classes.actions}>
        <Autocomplete
          className={classes.model ?? ""}
          label={t("drawer.model")}
          value={model}
          data={names}
          limit={50}
          onChange={setModel}
        />
        <Button
          loading={replay.isPending}
          disabled={body.requestCut || model.trim() === ""}
          onClick={() => {
            replay.mutate(
              { id: detail.id, model: model.trim() },
              {
                onSuccess: ({ id }) => {
                  open(String(id));
                },
              },
            );
          }}
        >
          {t("drawer.send")}
        </Button>
        <CopyButton label={t("drawer.curl")} done={t("common.copied")} onCopy={() => copyText(command)} />
      </div>
      <p className={tab.dim}>{t(body.requestCut ? "drawer.cut" : "drawer.hint")}</p>
      {replay.error && <Notice tone="bad">{replay.error.message}</Notice>}
    </Section>
  );
}
