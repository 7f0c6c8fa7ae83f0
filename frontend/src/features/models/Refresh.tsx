import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { maskName } from "@/api/identity";
import type { Account } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Notice } from "@/ui/Notice";
import { useRefreshModels } from "./queries";
import classes from "./ModelsPage.module.css";

/** When the accounts were asked for their models, and the button that asks again. */
export function Refresh({ accounts }: { accounts: readonly Account[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const refresh = useRefreshModels();
  // How many were being asked at the most since all were done last.
  const [total, setTotal] = useState(0);
  const enabled = accounts.filter((account) => account.enabled);
  const asking = enabled.filter(({ state }) => state === "checking").length;
  if (asking > total || (asking === 0 && total > 0)) setTotal(asking);
  const asked = enabled.flatMap(({ checkedAt }) => checkedAt ?? []).toSorted();
  const oldest = asked[0];
  return (
    <>
      <span aria-live="polite">
        {asking > 0
          ? t("models.refresh.progress", { done: Math.max(0, total - asking), total })
          : oldest && t("models.refresh.last", { time: format.past(oldest) })}
      </span>
      <Button
        leftSection={<IconRefresh size={14} />}
        loading={refresh.isPending || asking > 0}
        disabled={enabled.length === 0}
        title={t("models.refresh.hint")}
        onClick={() => {
          refresh.mutate();
        }}
      >
        {t("models.refresh.button")}
      </Button>
    </>
  );
}

const mostNamed = 3;

/** The accounts that gave no list when they were asked last, and why. */
export function Silent({ accounts }: { accounts: readonly Account[] }) {
  const { t } = useTranslation();
  const silent = accounts.filter(
    ({ enabled, state }) => enabled && (state === "signIn" || state === "refused" || state === "unreachable"),
  );
  if (silent.length === 0) return null;
  return (
    <div className={classes.silent}>
      <Notice
        tone="warn"
        title={t("models.refresh.silent", { count: silent.length })}
        action={<Link to="/accounts">{t("models.refresh.accounts")}</Link>}
      >
        {silent.slice(0, mostNamed).map(({ id, name, reason, state }) => (
          <div key={id}>
            {maskName(name)}: {reason || t(`account.state.${state}`)}
          </div>
        ))}
        {silent.length > mostNamed && t("models.more", { count: silent.length - mostNamed })}
      </Notice>
    </div>
  );
}
