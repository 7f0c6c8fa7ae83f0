import { Radio } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Model, Settings } from "@/api/types";
import { NumberField, SwitchField, TextField } from "./fields";
import classes from "./RoutingSection.module.css";
import { useField } from "./useField";

const policies = [
  "round_robin",
  "weighted",
  "fill_first",
  "least_busy",
  "most_quota",
  "soonest_reset",
] as const satisfies Settings["policy"][];

interface RoutingSectionProps {
  settings: Settings;
  models: readonly Model[];
}

/** How requests find their model, and how its accounts share them. */
export function RoutingSection({ settings, models }: RoutingSectionProps) {
  const { t } = useTranslation();
  const defaultModel = useField(settings, "defaultModel", t("settings.routing.defaultModel"));
  const sticky = useField(settings, "sticky", t("settings.routing.sticky"));
  const attempts = useField(settings, "attempts", t("settings.routing.attempts"));
  const maxRest = useField(settings, "maxRestMinutes", t("settings.routing.maxRest"));
  const explain = useField(settings, "explain", t("settings.routing.explain"));
  const demo = useField(settings, "demo", t("settings.routing.demo"));
  return (
    <>
      <PolicyField settings={settings} />
      <SwitchField field={sticky} hint={t("settings.routing.stickyHint")} />
      <TextField
        field={defaultModel}
        hint={t("settings.routing.defaultModelHint")}
        // A model that two accounts serve is in the list twice.
        suggestions={[...new Set(models.map(({ id }) => id))]}
      />
      <NumberField field={attempts} hint={t("settings.routing.attemptsHint")} />
      <NumberField
        field={maxRest}
        unit={t("settings.unit.minutes")}
        hint={t("settings.routing.maxRestHint")}
      />
      <LimitFields settings={settings} />
      <SwitchField field={explain} hint={t("settings.routing.explainHint")} />
      <SwitchField field={demo} hint={t("settings.routing.demoHint")} />
    </>
  );
}

/** What may wait and run: for one model, and for all callers together. */
function LimitFields({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const queueLength = useField(settings, "queueLength", t("settings.routing.queueLength"));
  const queueWait = useField(settings, "queueWaitMs", t("settings.routing.queueWait"));
  const maxRunning = useField(settings, "maxRunning", t("settings.routing.maxRunning"));
  const perMinute = useField(settings, "requestsPerMinute", t("settings.routing.requestsPerMinute"));
  return (
    <>
      <NumberField field={queueLength} hint={t("settings.routing.queueLengthHint")} />
      <NumberField
        field={queueWait}
        unit={t("settings.unit.seconds")}
        scale={1000}
        hint={t("settings.routing.queueWaitHint")}
      />
      <NumberField field={maxRunning} hint={t("settings.routing.maxRunningHint")} />
      <NumberField field={perMinute} hint={t("settings.routing.requestsPerMinuteHint")} />
    </>
  );
}

/** The policies, each with the sentence that tells it from the others. */
function PolicyField({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const field = useField(settings, "policy", t("settings.routing.policy"));
  const id = useId();
  return (
    <div className={classes.policy}>
      <div id={id} className={classes.label}>
        {field.label}
      </div>
      <p className={classes.hint}>{t("settings.routing.policyHint")}</p>
      <Radio.Group
        aria-labelledby={id}
        value={field.value}
        error={field.error}
        onChange={(value) => {
          const chosen = policies.find((known) => known === value);
          if (chosen) field.save(chosen);
        }}
      >
        <div className={classes.choices}>
          {policies.map((policy) => (
            <Radio
              key={policy}
              value={policy}
              size="xs"
              label={t(`settings.routing.policies.${policy}.title`)}
              description={t(`settings.routing.policies.${policy}.hint`)}
            />
          ))}
        </div>
      </Radio.Group>
    </div>
  );
}
