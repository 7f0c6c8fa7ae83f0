import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
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
  secret: Secret;
  /** The command for a key; "" is no key. */
  curl: (key: string) => string;
}

/** Where clients connect: base URL, key, and a command that proves it. */
export function ConnectionCard({ status, secret, curl }: ConnectionCardProps) {
  const { t } = useTranslation();
  const copied = t("common.copied");
  if (!status) return <Skeleton height={232} />;

  const hasKey = status.keyId > 0;
  const shownKey = secret.shown ?? status.keyMasked;
  return (
    <Panel title={t("overview.connect")} aside={<ListenerState listener={status.listener} />}>
      <dl className={classes.fields}>
        <dt>{t("overview.baseUrl")}</dt>
        <dd>
          <code className={classes.value}>{status.listener.baseUrl}</code>
          <CopyButton
            label={t("overview.copyBaseUrl")}
            done={copied}
            onCopy={() => copyText(status.listener.baseUrl)}
          />
        </dd>
        <dt>{t("overview.apiKey")}</dt>
        {hasKey ? (
          <dd>
            <code className={classes.value}>{shownKey}</code>
            {!status.keyRequired && <span className={classes.hint}>{t("overview.keyOptional")}</span>}
            <RevealButton shown={secret.shown !== undefined} onToggle={secret.toggle} />
            <CopyButton
              label={t("overview.copyKey")}
              done={copied}
              onCopy={async () => copyText(await secret.read())}
            />
          </dd>
        ) : (
          <dd>
            <span className={classes.hint}>{t("overview.noKey")}</span>
            <Link to="/settings?section=keys">{t("overview.createKey")}</Link>
          </dd>
        )}
      </dl>
      <div className={classes.tryHead}>
        <h3 className={classes.tryTitle}>{t("overview.tryIt")}</h3>
        {hasKey && <span className={classes.hint}>{t("overview.curlHint")}</span>}
        <div className={classes.push}>
          <CopyButton
            wide
            label={t("overview.copyCurl")}
            done={copied}
            onCopy={async () => copyText(curl(hasKey ? await secret.read() : ""))}
          />
        </div>
      </div>
      <pre className={classes.command} tabIndex={0} aria-label={t("overview.tryIt")} role="region">
        {curl(hasKey ? shownKey : "")}
      </pre>
    </Panel>
  );
}

function RevealButton({ shown, onToggle }: { shown: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  const label = t(shown ? "overview.hideKey" : "overview.revealKey");
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} aria-pressed={shown} onClick={onToggle}>
        {shown ? <IconEyeOff size={16} /> : <IconEye size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}
