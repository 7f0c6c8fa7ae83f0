import { useTranslation } from "react-i18next";
import { standings } from "@/api/accounts";
import type { Account } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { StatusChip } from "@/ui/StatusChip";

/** An account's state in a word; its hint says when the service was asked. */
export function StateChip({ account }: { account: Pick<Account, "state" | "checkedAt"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, checkedAt } = account;
  const asked = checkedAt && t("accounts.card.checkedAt", { time: format.moment(checkedAt) });
  return (
    <StatusChip
      standing={standings[state]}
      label={t(`account.state.${state}`)}
      {...(asked ? { hint: asked } : {})}
    />
  );
}
