import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { lasts, looks } from "@/api/standing";
import type { Account, ModelStanding } from "@/api/types";
import { countdown } from "@/i18n/format";
import { useRestWords } from "@/i18n/rest";
import { Countdown } from "@/ui/Countdown";
import { StatusChip } from "@/ui/StatusChip";
import classes from "./RestingModels.module.css";
import { useStanding } from "./useStanding";

const shownAtFirst = 3;

interface RestingModelsProps {
  account: Account;
  onRetry: (account: Account, model: string) => void;
}

/** The models of an account that cannot be asked now, while its others can (B02). */
export function RestingModels({ account, onRetry }: RestingModelsProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const { models, now } = useStanding(account);
  if (models.length === 0) return null;
  return (
    <div className={classes.resting}>
      <ul className={classes.list} aria-label={t("accounts.resting.title")}>
        {(all ? models : models.slice(0, shownAtFirst)).map((model) => (
          <Line
            key={model.model}
            model={model}
            resting={lasts(model.rest, now)}
            onRetry={() => {
              onRetry(account, model.model);
            }}
          />
        ))}
      </ul>
      {models.length > shownAtFirst && (
        <Button
          size="compact-xs"
          variant="subtle"
          className={classes.more ?? ""}
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
        >
          {all ? t("accounts.quota.fewer") : t("accounts.resting.all", { count: models.length })}
        </Button>
      )}
    </div>
  );
}

interface LineProps {
  model: ModelStanding;
  resting: boolean;
  onRetry: () => void;
}

function Line({ model: { model, rest, freeAt }, resting, onRetry }: LineProps) {
  const { t } = useTranslation();
  const restWords = useRestWords();
  const state = resting ? "resting" : "paced";
  const end = resting ? rest?.until : freeAt;
  // A refusal has no end, and the word for it is another.
  const shown = resting && rest?.source === "refused" ? "refused" : state;
  const words = resting && rest ? restWords(rest) : t("accounts.resting.paced");
  return (
    <li className={classes.line}>
      <code className={classes.model} title={model}>
        {model}
      </code>
      <StatusChip
        look={looks[shown]}
        label={
          <>
            {t(`account.state.${shown}`)}
            {end && (
              <span aria-hidden>
                {" "}
                <Countdown to={end} format={countdown} />
              </span>
            )}
          </>
        }
      />
      <span className={classes.why}>{words}</span>
      {resting && (
        <Button size="compact-xs" aria-label={t("accounts.resting.retry", { model })} onClick={onRetry}>
          {t("account.action.retry")}
        </Button>
      )}
    </li>
  );
}
