import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { StatusChip } from "@/ui/StatusChip";
import type { TrialState } from "./trials";

/** What came of a test, in a chip: how long it took, or the status of the failure. */
export function TrialChip({ trial }: { trial: TrialState }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (trial === "running") return <StatusChip look="running" label={t("models.test.running")} />;
  if (trial.ok) {
    return (
      <StatusChip
        look="ok"
        label={format.duration(trial.ms)}
        hint={t("models.test.worked", { said: trial.said })}
      />
    );
  }
  return (
    <StatusChip
      look="failed"
      label={trial.status > 0 ? trial.status : t("models.test.failed")}
      hint={trial.said}
    />
  );
}
