import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Settings } from "@/api/types";
import { Confirm } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";
import { NumberField, SwitchField, TagsField, TextField } from "./fields";
import { isLoopback } from "./host";
import { ProtocolsField } from "./ProtocolsField";
import classes from "./SettingsPage.module.css";
import { useField } from "./useField";

const hostSuggestions = ["127.0.0.1", "0.0.0.0", "::1", "::"];

export function ServerSection({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const port = useField(settings, "port", t("settings.server.port"));
  const requireKey = useField(settings, "requireKey", t("settings.server.requireKey"));
  const origins = useField(settings, "allowedOrigins", t("settings.server.allowedOrigins"));
  const hosts = useField(settings, "allowedHosts", t("settings.server.allowedHosts"));
  const maxBody = useField(settings, "maxBodyMB", t("settings.server.maxBody"));
  const ollamaOpen = useField(settings, "ollamaOpen", t("settings.server.ollamaOpen"));
  const ollamaPort = useField(settings, "ollamaPort", t("settings.server.ollamaPort"));
  return (
    <>
      <HostField settings={settings} />
      <NumberField field={port} />
      <SwitchField field={requireKey} hint={t("settings.server.requireKeyHint")} />
      <TagsField field={origins} hint={t("settings.server.allowedOriginsHint")} />
      <TagsField field={hosts} hint={t("settings.server.allowedHostsHint")} />
      <NumberField field={maxBody} unit="MB" />
      <ProtocolsField settings={settings} />
      <SwitchField field={ollamaOpen} hint={t("settings.server.ollamaOpenHint")} />
      <NumberField field={ollamaPort} hint={t("settings.server.ollamaPortHint")} />
    </>
  );
}

/** The address to listen on; beyond this computer only after a question. */
function HostField({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const host = useField(settings, "host", t("settings.server.host"));
  const [asked, setAsked] = useState("");
  const save = (value: string) => {
    if (value !== "" && value !== host.value && !isLoopback(value) && isLoopback(host.value)) setAsked(value);
    else host.save(value);
  };
  return (
    <>
      <TextField
        // A refused question takes back what was typed.
        key={asked ? "asking" : "settled"}
        field={{ ...host, save }}
        hint={t("settings.server.hostHint")}
        suggestions={hostSuggestions}
      />
      {!isLoopback(host.value) && (
        <div className={classes.notice}>
          <Notice tone="warn">{t("settings.server.networkNow")}</Notice>
        </div>
      )}
      <Confirm
        opened={asked !== ""}
        title={t("settings.server.networkTitle")}
        confirm={t("settings.server.networkConfirm")}
        cancel={t("common.cancel")}
        onClose={() => {
          setAsked("");
        }}
        onConfirm={() => {
          host.save(asked);
          setAsked("");
        }}
      >
        {t("settings.server.networkHint", { host: asked })}
      </Confirm>
    </>
  );
}
