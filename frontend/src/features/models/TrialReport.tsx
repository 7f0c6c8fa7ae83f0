import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useSetSearchParams } from "@/ui/useSearchParam";
import { Notice } from "@/ui/Notice";
import { Button } from "@mantine/core";
import type { TrialState } from "./trials";

/** What came of a test: the answer with its time and tokens, or the error's sentence. */
export function TrialReport({ trial }: { trial: TrialState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const setParams = useSetSearchParams();
  if (trial === "running") return <div aria-live="polite">{t("models.test.running")}</div>;
  const { ok, said, ms, tokensIn, tokensOut, account, status, requestId } = trial;
  const tokens = [tokensIn, tokensOut].every((count) => count === undefined)
    ? ""
    : t("models.test.tokens", { in: format.count(tokensIn), out: format.count(tokensOut) });
  const about = [format.duration(ms), tokens, account, status > 0 && !ok ? `HTTP ${status}` : ""];
  return (
    <Notice
      tone={ok ? "quiet" : "bad"}
      title={t(ok ? "models.test.works" : "models.test.failed")}
      action={
        requestId > 0 && (
          <Button
            size="compact-sm"
            onClick={() => {
              setParams({ request: String(requestId), model: "" });
            }}
          >
            {t("models.test.row")}
          </Button>
        )
      }
    >
      {said && <div>{said}</div>}
      <div>{about.filter(Boolean).join(" · ")}</div>
    </Notice>
  );
}
