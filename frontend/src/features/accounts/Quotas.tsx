import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quota } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Meter } from "@/ui/Meter";
import classes from "./Quotas.module.css";
import { quotaShare, scarceFirst } from "./quota";

const shownAtFirst = 4;

/** What is left of an account's budgets, the scarcest first. */
export function Quotas({ quotas }: { quotas: readonly Quota[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  if (quotas.length === 0) return null;
  const sorted = scarceFirst(quotas);
  const shown = all ? sorted : sorted.slice(0, shownAtFirst);
  return (
    <div className={classes.quotas}>
      <div className={classes.grid}>
        {shown.map((quota) => (
          <Bar key={quota.model} quota={quota} />
        ))}
      </div>
      {quotas.length > shownAtFirst && (
        <Button
          size="compact-xs"
          variant="subtle"
          className={classes.more ?? ""}
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
        >
          {all ? t("accounts.quota.fewer") : t("accounts.quota.all", { count: quotas.length })}
        </Button>
      )}
    </div>
  );
}

function Bar({ quota }: { quota: Quota }) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = quotaShare(quota);
  const label = quota.model || t("accounts.quota.everyModel");
  const left =
    quota.left !== undefined && quota.limit !== undefined
      ? t("accounts.quota.left", { left: format.count(quota.left), limit: format.count(quota.limit) })
      : share === undefined
        ? t("accounts.quota.unknown")
        : t("accounts.quota.share", { share: format.percent(Math.floor(share * 100) / 100) });
  const reset = quota.reset && t("accounts.quota.resets", { time: format.due(quota.reset) });
  const words = [left, reset].filter(Boolean).join(" · ");
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
      {share !== undefined && <Meter share={share} label={label} valueText={words} />}
    </div>
  );
}
