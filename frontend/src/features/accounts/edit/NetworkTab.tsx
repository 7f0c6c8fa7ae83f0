import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useTestNetwork } from "@/api/networkQueries";
import { Hops } from "@/ui/Hops";
import { Notice } from "@/ui/Notice";
import { networkOf, proxyKinds, type Draft } from "./draft";
import classes from "./EditAccount.module.css";
import type { TabProps } from "./GeneralTab";

/** How the account reaches its service: it can be tried before it is saved. */
export function NetworkTab({ account, draft, errors, onChange }: TabProps) {
  const { t } = useTranslation();
  const test = useTestNetwork();
  const id = useId();
  const change = (changes: Partial<Draft>) => {
    // What was found is of what was typed before.
    test.reset();
    onChange(changes);
  };
  return (
    <div className={classes.tab}>
      <div className={classes.part}>
        <div id={id} className={classes.label}>
          {t("network.proxy")}
        </div>
        <SegmentedControl
          aria-labelledby={id}
          value={draft.proxyKind}
          data={proxyKinds.map((value) => ({ value, label: t(`network.kind.${value || "inherit"}`) }))}
          onChange={(proxyKind) => {
            change({ proxyKind });
          }}
        />
        {draft.proxyKind === "" && (
          <p className={classes.hint}>
            {t("network.inheritHint")} <Link to="/settings?section=network">{t("network.settings")}</Link>
          </p>
        )}
        {draft.proxyKind === "own" && (
          <TextInput
            className={classes.wide ?? ""}
            aria-label={t("network.address")}
            description={t("network.addressHint")}
            placeholder="http://"
            inputMode="url"
            autoFocus
            spellCheck={false}
            value={draft.proxy}
            error={errors["network.proxy"]}
            onChange={(event) => {
              change({ proxy: event.currentTarget.value });
            }}
          />
        )}
      </div>
      <TextInput
        label={t("network.caFile")}
        description={t("network.caFileHint")}
        spellCheck={false}
        value={draft.caFile}
        error={errors["network.caFile"]}
        onChange={(event) => {
          change({ caFile: event.currentTarget.value });
        }}
      />
      <div className={classes.part}>
        <Button
          loading={test.isPending}
          onClick={() => {
            test.mutate({ accountId: account.id, network: networkOf(draft) });
          }}
        >
          {t("network.test")}
        </Button>
        <div className={classes.wide} aria-live="polite">
          {test.error && <Notice tone="bad">{test.error.message}</Notice>}
          {test.data && <Hops result={test.data} />}
        </div>
      </div>
    </div>
  );
}
