import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quota } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Meter } from "@/ui/Meter";
import classes from "./Quotas.module.css";
import { quotaShare, scarceFirst } from "./quota";

const shownAtFirst = 4;

/** What is left of an account's budgets, the scarcest first, and how that is known. */
export function Quotas({ quotas }: { quotas: readonly Quota[] }) {
  const { t } = useTranslation();
  const learnt = useLearnt();
  const [all, setAll] = useState(false);
  if (quotas.length === 0) return null;
  const sorted = scarceFirst(quotas);
  const shown = all ? sorted : sorted.slice(0, shownAtFirst);
  // Mostly all were learnt at once: then it is said once.
  const origins = new Set(shown.map(learnt));
  return (
    <div className={classes.quotas}>
      <div className={classes.grid}>
        {shown.map((quota) => (
          <Bar
            key={`${quota.model} ${quota.name} ${quota.source}`}
            quota={quota}
            learnt={origins.size > 1 ? learnt(quota) : ""}
          />
        ))}
      </div>
      {(quotas.length > shownAtFirst || origins.size === 1) && (
        <div className={classes.foot}>
          {quotas.length > shownAtFirst && (
            <Button
              size="compact-xs"
              variant="subtle"
              aria-expanded={all}
              onClick={() => {
                setAll(!all);
              }}
            >
              {all ? t("accounts.quota.fewer") : t("accounts.quota.all", { count: quotas.length })}
            </Button>
          )}
          {origins.size === 1 && <span className={classes.learnt}>{[...origins]}</span>}
        </div>
      )}
    </div>
  );
}

/** Says who told a quota, and when. */
function useLearnt(): (quota: Quota) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ source, at }) => t(`accounts.quota.learnt.${source}`, { time: format.past(at) });
}

function useLeft(): (quota: Quota) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (quota) => {
    const { left, limit, unit, source } = quota;
    const share = quotaShare(quota);
    const about = source === "estimate" ? "≈ " : "";
    if (left !== undefined && limit !== undefined) {
      const words = { left: format.count(left), limit: format.count(limit) };
      return about + t(unit === "" ? "accounts.quota.left" : `accounts.quota.leftOf.${unit}`, words);
    }
    if (share === undefined) return t("accounts.quota.unknown");
    return about + t("accounts.quota.share", { share: format.percent(Math.floor(share * 100) / 100) });
  };
}

function Bar({ quota, learnt }: { quota: Quota; learnt: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const leftOf = useLeft();
  const share = quotaShare(quota);
  const label = [quota.model || t("accounts.quota.everyModel"), quota.name].filter(Boolean).join(" · ");
  const reset = quota.reset && t("accounts.quota.resets", { time: format.due(quota.reset) });
  const words = [leftOf(quota), reset].filter(Boolean).join(" · ");
  return (
    <div className={classes.quota}>
      <div className={classes.words}>
        <span className={classes.label} title={label}>
          {label}
        </span>
        <span className={classes.left} title={quota.reset && format.moment(quota.reset)}>
          {words}
        </span>
      </div>
      {share !== undefined && (
        <Meter share={share} label={label} valueText={words} estimated={quota.source === "estimate"} />
      )}
      {learnt && <div className={classes.learnt}>{learnt}</div>}
    </div>
  );
}
