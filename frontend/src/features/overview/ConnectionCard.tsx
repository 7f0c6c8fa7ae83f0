import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Status } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { CopyButton } from "@/ui/CopyButton";
import { Panel } from "@/ui/Panel";
import classes from "./ConnectionCard.module.css";
import { ListenerState } from "./ListenerState";
import type { Secret } from "./queries";

interface ConnectionCardProps {
  status: Status | undefined;
  listenerSwitch: ReactNode;
  secret: Secret;
  /** The command for a key; "" is no key. */
  curl: (key: string) => string;
}

/** Where clients connect: base URL, key, and a command that proves it. */
export function ConnectionCard({ status, listenerSwitch, secret, curl }: ConnectionCardProps) {
  const { t } = useTranslation();
  if (!status) return <Skeleton height={222} />;
  const { baseUrl } = status.listener;
  const hasKey = status.keyId > 0;
  return (
    <Panel
      title={t("overview.connect")}
      aside={<ListenerState listener={status.listener}>{listenerSwitch}</ListenerState>}
    >
      <dl className={classes.fields}>
        <dt>{t("overview.baseUrl")}</dt>
        <dd>
          <code className={classes.value}>{baseUrl}</code>
          <CopyButton
            label={t("overview.copyBaseUrl")}
            done={t("common.copied")}
            onCopy={() => copyText(baseUrl)}
          />
        </dd>
        <dt>{t("overview.apiKey")}</dt>
        <dd>{hasKey ? <KeyField status={status} secret={secret} /> : <NoKey />}</dd>
        <dt className={classes.tryLabel}>{t("overview.tryIt")}</dt>
        <dd className={classes.try}>
          <pre className={classes.command} tabIndex={0} aria-label={t("overview.tryIt")} role="region">
            {curl(hasKey ? (secret.shown ?? status.keyMasked) : "")}
          </pre>
          <div className={classes.copy} title={t("overview.curlHint")}>
            <CopyButton
              wide
              label={t("overview.copyCurl")}
              done={t("common.copied")}
              onCopy={async () => copyText(curl(hasKey ? await secret.read() : ""))}
            />
          </div>
        </dd>
      </dl>
    </Panel>
  );
}

function KeyField({ status, secret }: { status: Status; secret: Secret }) {
  const { t } = useTranslation();
  const shown = secret.shown !== undefined;
  const label = t(shown ? "overview.hideKey" : "overview.revealKey");
  return (
    <>
      <code className={classes.value}>{secret.shown ?? status.keyMasked}</code>
      <CopyButton
        label={t("overview.copyKey")}
        done={t("common.copied")}
        onCopy={async () => copyText(await secret.read())}
      />
      <Tooltip label={label}>
        <ActionIcon aria-label={label} aria-pressed={shown} onClick={secret.toggle}>
          {shown ? <IconEyeOff size={16} /> : <IconEye size={16} />}
        </ActionIcon>
      </Tooltip>
      {!status.keyRequired && <span className={classes.hint}>{t("overview.keyOptional")}</span>}
    </>
  );
}

function NoKey() {
  const { t } = useTranslation();
  return (
    <>
      <span className={classes.hint}>{t("overview.noKey")}</span>
      <Link to="/settings?section=keys">{t("overview.createKey")}</Link>
    </>
  );
}
