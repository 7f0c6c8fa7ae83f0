import { useTranslation } from "react-i18next";
import { standings, stateWord } from "@/api/accounts";
import type { Account, Way } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { StatusChip } from "@/ui/StatusChip";

/** An account's state in a word; its hint says when the service was asked. */
export function StateChip({ account, way }: { account: Account; way: Way | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, checkedAt } = account;
  const asked = checkedAt && t("accounts.card.checkedAt", { time: format.moment(checkedAt) });
  return (
    <StatusChip
      standing={standings[state]}
      label={t(`account.state.${stateWord(account, way)}`)}
      {...(asked ? { hint: asked } : {})}
    />
  );
}
