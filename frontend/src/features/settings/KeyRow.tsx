import { ActionIcon, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Key } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { CopyButton } from "@/ui/CopyButton";
import classes from "./KeysSection.module.css";
import { useReadKey } from "./queries";

interface KeyRowProps {
  apiKey: Key;
  name: string;
  onDelete: () => void;
}

export function KeyRow({ apiKey, name, onDelete }: KeyRowProps) {
  const { t } = useTranslation();
  const readKey = useReadKey();
  const [secret, setSecret] = useState<string>();
  const toggle = () => {
    if (secret !== undefined) setSecret(undefined);
    else readKey.mutate(apiKey.id, { onSuccess: setSecret });
  };
  const reveal = t(secret === undefined ? "settings.keys.reveal" : "settings.keys.hide", { name });
  const remove = t("settings.keys.delete", { name });
  return (
    <li className={classes.key}>
      <span className={classes.keyName}>{name}</span>
      <code className={classes.secret}>{secret ?? apiKey.masked}</code>
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
        <Tooltip label={remove}>
          <ActionIcon aria-label={remove} onClick={onDelete}>
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
    </li>
  );
}
