import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNetwork, useTestNetwork } from "@/api/networkQueries";
import type { NetworkState, Settings } from "@/api/types";
import { FieldRow } from "@/ui/FieldRow";
import { Hops } from "@/ui/Hops";
import { Notice } from "@/ui/Notice";
import { NumberField, TagsField, TextField, useDraft } from "./fields";
import classes from "./NetworkSection.module.css";
import { useField } from "./useField";

/** How services are reached, and how long they may take. */
export function NetworkSection({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const noProxy = useField(settings, "noProxy", t("settings.network.noProxy"));
  const caFile = useField(settings, "caFile", t("network.caFile"));
  const connect = useField(settings, "connectTimeoutMs", t("settings.network.connectTimeout"));
  const firstByte = useField(settings, "firstByteTimeoutMs", t("settings.network.firstByteTimeout"));
  const idle = useField(settings, "idleTimeoutMs", t("settings.network.idleTimeout"));
  const keepAlive = useField(settings, "keepAliveMs", t("settings.network.keepAlive"));
  const seconds = { unit: t("settings.unit.seconds"), scale: 1000 };
  return (
    <>
      <ProxyField settings={settings} />
      <TagsField field={noProxy} hint={t("settings.network.noProxyHint")} />
      <TextField field={caFile} hint={t("network.caFileHint")} suggestions={[]} />
      <NumberField field={connect} {...seconds} hint={t("settings.network.connectTimeoutHint")} />
      <NumberField field={firstByte} {...seconds} hint={t("settings.network.firstByteTimeoutHint")} />
      <NumberField field={idle} {...seconds} hint={t("settings.network.idleTimeoutHint")} />
      <NumberField field={keepAlive} {...seconds} hint={t("settings.network.keepAliveHint")} />
      <ConnectionTest />
    </>
  );
}

const kinds = ["system", "direct", "own"] as const;

/** The system's proxy, none, or one whose address is typed. */
function ProxyField({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const field = useField(settings, "proxy", t("network.proxy"));
  const saved = field.value === "system" || field.value === "direct" ? field.value : "own";
  // "Own" is chosen before there is an address to save.
  const [asking, setAsking] = useState(false);
  const [seen, setSeen] = useState(field.value);
  if (seen !== field.value) {
    setSeen(field.value);
    setAsking(false);
  }
  const kind = asking ? "own" : saved;
  const id = useId();
  const { set, ...draft } = useDraft(saved === "own" ? field.value : "", (text) => {
    if (text !== "") field.save(text);
  });
  return (
    <FieldRow
      id={id}
      label={field.label}
      state={field.state}
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      <SegmentedControl
        id={id}
        aria-labelledby={`${id}-label`}
        fullWidth
        value={kind}
        data={kinds.map((value) => ({ value, label: t(`network.kind.${value}`) }))}
        onChange={(value) => {
          setAsking(value === "own");
          if (value !== "own") field.save(value);
        }}
      />
      {kind === "system" && <SystemProxy />}
      {kind === "own" && (
        <TextInput
          className={classes.below ?? ""}
          aria-label={t("network.address")}
          description={t("network.addressHint")}
          placeholder="http://"
          inputMode="url"
          spellCheck={false}
          autoFocus={asking}
          {...draft}
          error={field.error}
          onChange={(event) => {
            set(event.currentTarget.value);
          }}
        />
      )}
    </FieldRow>
  );
}

/** What the system says, as the program found it. */
function SystemProxy() {
  const { t } = useTranslation();
  const { data, error } = useNetwork();
  if (error) return <p className={classes.found}>{error.message}</p>;
  if (!data) return <p className={classes.found}>{t("common.loading")}</p>;
  return (
    <div className={classes.found}>
      <FoundProxy system={data.system} />
    </div>
  );
}

function FoundProxy({ system: { http, https, noProxy, source } }: NetworkState) {
  const { t } = useTranslation();
  if (http === "" && https === "") return t("settings.network.noneFound");
  const known = (["environment", "gnome", "windows", "macos"] as const).find((one) => one === source);
  const lines = [
    https === http || http === "" || https === ""
      ? t("settings.network.found", { address: https || http })
      : t("settings.network.foundBoth", { http, https }),
    known ? t(`settings.network.source.${known}`) : "",
    noProxy.length > 0 ? t("settings.network.foundExcept", { hosts: noProxy.join(", ") }) : "",
  ];
  return lines.filter(Boolean).map((line) => <div key={line}>{line}</div>);
}

/** Tries the way that is set, to a service or to any address. */
function ConnectionTest() {
  const { t } = useTranslation();
  const [url, setUrl] = useState("");
  const test = useTestNetwork();
  return (
    <form
      className={classes.test}
      onSubmit={(event) => {
        event.preventDefault();
        test.mutate(url.trim() === "" ? {} : { url: url.trim() });
      }}
    >
      <div className={classes.ask}>
        <TextInput
          className={classes.url ?? ""}
          label={t("settings.network.testUrl")}
          description={t("settings.network.testHint")}
          placeholder="https://"
          inputMode="url"
          spellCheck={false}
          value={url}
          onChange={(event) => {
            setUrl(event.currentTarget.value);
            test.reset();
          }}
        />
        <Button type="submit" loading={test.isPending}>
          {t("network.test")}
        </Button>
      </div>
      <div aria-live="polite">
        {test.error && <Notice tone="bad">{test.error.message}</Notice>}
        {test.data && <Hops result={test.data} />}
      </div>
    </form>
  );
}
