import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useSetListener } from "@/api/queries";
import type { Status } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { Button } from "@mantine/core";
import { CopyButton } from "@/ui/CopyButton";
import { Notice } from "@/ui/Notice";
import classes from "./FirstRunPage.module.css";

/** What a client needs to be told: where the program is, and its key. */
export function ConnectStep({ status }: { status: Status }) {
  const { t } = useTranslation();
  const { mutateAsync: readKey } = useMutation({ mutationFn: api.keySecret });
  const setListener = useSetListener();
  const { listener, keyId, keyMasked } = status;
  return (
    <>
      <p>{t("firstRun.connect.hint")}</p>
      {listener.state !== "running" && (
        <Notice
          tone="warn"
          title={t("firstRun.connect.stopped")}
          action={
            <Button
              loading={setListener.isPending}
              onClick={() => {
                setListener.mutate({ running: true });
              }}
            >
              {t("firstRun.connect.start")}
            </Button>
          }
        >
          {listener.error}
        </Notice>
      )}
      <dl className={classes.values}>
        <dt>{t("firstRun.connect.baseUrl")}</dt>
        <dd>
          <code>{listener.baseUrl}</code>
          <CopyButton
            label={t("firstRun.connect.copyBaseUrl")}
            done={t("common.copied")}
            onCopy={() => copyText(listener.baseUrl)}
          />
        </dd>
        {keyId > 0 && (
          <>
            <dt>{t("firstRun.connect.key")}</dt>
            <dd>
              <code>{keyMasked}</code>
              <CopyButton
                label={t("firstRun.connect.copyKey")}
                done={t("common.copied")}
                onCopy={async () => copyText(await readKey(keyId))}
              />
            </dd>
          </>
        )}
      </dl>
      <p className={classes.hint}>{t("firstRun.connect.later")}</p>
    </>
  );
}
