import { useTranslation } from "react-i18next";
import { stateWord } from "@/api/accounts";
import { looks } from "@/api/standing";
import type { Account, Way } from "@/api/types";
import { countdown, useFormat } from "@/i18n/format";
import { Countdown } from "@/ui/Countdown";
import { StatusChip } from "@/ui/StatusChip";
import { useStanding } from "./useStanding";

interface StateChipProps {
  account: Account;
  way: Way | undefined;
}

/** An account's state in a word, and how long it lasts; its hint says until when, or when the service was asked. */
export function StateChip({ account, way }: StateChipProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state } = useStanding(account);
  const { checkedAt, standing } = account;
  const end = state === "resting" ? standing.rest?.until : state === "paced" ? standing.freeAt : undefined;
  const hint = end
    ? t("accounts.card.until", { time: format.moment(end) })
    : checkedAt && t("accounts.card.checkedAt", { time: format.moment(checkedAt) });
  const word = t(`account.state.${stateWord(state, account, way)}`);
  return (
    <StatusChip
      look={looks[state]}
      label={
        end ? (
          <>
            {word}{" "}
            <span aria-hidden>
              <Countdown to={end} format={countdown} />
            </span>
          </>
        ) : (
          word
        )
      }
      {...(hint ? { hint } : {})}
    />
  );
}
