import { ActionIcon, Tooltip } from "@mantine/core";
import { IconAdjustments, IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Key } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { useFormat } from "@/i18n/format";
import { useNowAfter } from "@/ui/clock";
import { CopyButton } from "@/ui/CopyButton";
import { StatusChip } from "@/ui/StatusChip";
import { KeyFields } from "./KeyFields";
import classes from "./KeysSection.module.css";
import { useReadKey } from "./queries";

interface KeyRowProps {
  apiKey: Key;
  name: string;
  onDelete: () => void;
}

/** One client's key: what it is, how it is used, and, unfolded, what it may. */
export function KeyRow({ apiKey, name, onDelete }: KeyRowProps) {
  const { t } = useTranslation();
  const readKey = useReadKey();
  const [secret, setSecret] = useState<string>();
  const [unfolded, setUnfolded] = useState(false);
  const id = useId();
  const toggle = () => {
    if (secret !== undefined) setSecret(undefined);
    else readKey.mutate(apiKey.id, { onSuccess: setSecret });
  };
  const reveal = t(secret === undefined ? "settings.keys.reveal" : "settings.keys.hide", { name });
  const remove = t("settings.keys.delete", { name });
  const limits = t("settings.keys.limits", { name });
  return (
    <li className={classes.item}>
      <div className={classes.key}>
        <span className={classes.keyName} title={name}>
          {name}
        </span>
        <code className={classes.secret}>{secret ?? apiKey.masked}</code>
        <span className={classes.use}>
          <KeyState apiKey={apiKey} />
          <KeyUse apiKey={apiKey} />
        </span>
        <div className={classes.actions}>
          <Tooltip label={reveal}>
            <ActionIcon aria-label={reveal} aria-pressed={secret !== undefined} onClick={toggle}>
              {secret === undefined ? <IconEye size={16} /> : <IconEyeOff size={16} />}
            </ActionIcon>
          </Tooltip>
          <CopyButton
            label={t("settings.keys.copy", { name })}
            done={t("common.copied")}
            onCopy={async () => copyText(secret ?? (await readKey.mutateAsync(apiKey.id)))}
          />
          <Tooltip label={limits}>
            <ActionIcon
              aria-label={limits}
              aria-expanded={unfolded}
              aria-controls={id}
              onClick={() => {
                setUnfolded(!unfolded);
              }}
            >
              <IconAdjustments size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={remove}>
            <ActionIcon aria-label={remove} onClick={onDelete}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
      <div id={id} className={classes.fields} hidden={!unfolded}>
        {unfolded && <KeyFields apiKey={apiKey} />}
      </div>
    </li>
  );
}

/** Says why a key is refused; nothing where it is good. */
function KeyState({ apiKey: { enabled, expires } }: { apiKey: Key }) {
  const { t } = useTranslation();
  const end = expires === undefined ? Infinity : new Date(expires).getTime();
  const now = useNowAfter([end]);
  if (!enabled) return <StatusChip look="canceled" label={t("settings.keys.off")} />;
  if (end <= now) return <StatusChip look="failed" label={t("settings.keys.expired")} />;
  return null;
}

function KeyUse({ apiKey: { lastUsed } }: { apiKey: Key }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (lastUsed === undefined) return <>{t("settings.keys.unused")}</>;
  return (
    <span title={format.moment(lastUsed)}>{t("settings.keys.used", { time: format.past(lastUsed) })}</span>
  );
}
