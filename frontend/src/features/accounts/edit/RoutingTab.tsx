import { SegmentedControl, TextInput } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRouting } from "@/api/networkQueries";
import type { Pace } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { bounds } from "./draft";
import classes from "./EditAccount.module.css";
import type { TabProps } from "./GeneralTab";
import { PaceTable } from "./PaceTable";

/** The account's share of the requests, and how fast it may be asked. */
export function RoutingTab({ signedIn, ...parts }: TabProps & { signedIn: boolean }) {
  const { t } = useTranslation();
  const { draft, errors, onChange } = parts;
  const id = useId();
  return (
    <div className={classes.tab}>
      <div className={classes.pair}>
        <TextInput
          label={t("accounts.edit.weight")}
          description={t("accounts.edit.weightHint")}
          inputMode="numeric"
          data-autofocus
          value={draft.weight}
          error={errors.weight}
          onChange={(event) => {
            onChange({ weight: event.currentTarget.value });
          }}
        />
        <TextInput
          label={t("accounts.edit.priority")}
          description={t("accounts.edit.priorityHint")}
          value={draft.priority}
          error={errors.priority}
          onChange={(event) => {
            onChange({ priority: event.currentTarget.value });
          }}
        />
      </div>
      <p className={classes.hint}>
        {t("accounts.edit.policyHint")}{" "}
        <Link to="/settings?section=routing">{t("accounts.edit.policy")}</Link>
      </p>
      <div className={classes.part}>
        <div id={id} className={classes.label}>
          {t("accounts.edit.pace")}
        </div>
        <SegmentedControl
          aria-labelledby={id}
          value={draft.paceDefault ? "default" : "own"}
          data={[
            { value: "default", label: t("accounts.edit.paceDefault") },
            { value: "own", label: t("accounts.edit.paceOwn") },
          ]}
          onChange={(value) => {
            onChange({ paceDefault: value === "default" });
          }}
        />
        {draft.paceDefault && <DefaultPace signedIn={signedIn} />}
      </div>
      <PaceTable {...parts} />
    </div>
  );
}

/** The bounds of a pace in words; "" is none. */
function usePaceWords(): (pace: Pace) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (pace) =>
    bounds
      .flatMap((bound) =>
        pace[bound] ? [t(`accounts.pace.${bound}`, { limit: format.count(pace[bound]) })] : [],
      )
      .join(" · ");
}

function DefaultPace({ signedIn }: { signedIn: boolean }) {
  const { t } = useTranslation();
  const words = usePaceWords();
  const { data: routing } = useRouting();
  if (!signedIn) return <p className={classes.hint}>{t("accounts.edit.paceOfKey")}</p>;
  return (
    <p className={classes.hint}>
      {routing && `${words(routing.signInPace)}. `}
      {t("accounts.edit.paceOfSignIn")}
    </p>
  );
}
