import { useTranslation } from "react-i18next";
import type { Account, Pace } from "@/api/types";
import { useFormat } from "@/i18n/format";
import classes from "./Activity.module.css";

/** What an account did today, and how much of its pace it uses. */
export function Activity({ account }: { account: Account }) {
  const today = useToday(account);
  const pace = usePace(account);
  return (
    <div className={classes.activity}>
      {[...today, ...pace].map((words) => (
        <span key={words}>{words}</span>
      ))}
    </div>
  );
}

function useToday({ today: { requests, failures, tokensIn, tokensOut } }: Account): string[] {
  const { t } = useTranslation();
  const format = useFormat();
  if (requests === 0) return [t("accounts.today.none")];
  const ok = format.percent(Math.floor(((requests - failures) / requests) * 1000) / 1000);
  return [
    t("accounts.today.requests", { count: requests, formatted: format.count(requests) }),
    t("accounts.today.ok", { share: ok }),
    ...(tokensIn + tokensOut > 0
      ? [t("accounts.today.tokens", { in: format.compact(tokensIn), out: format.compact(tokensOut) })]
      : []),
  ];
}

const bounds = [
  { bound: "requestsPerMinute", used: "minute" },
  { bound: "requestsPerDay", used: "day" },
  { bound: "tokensPerMinute", used: "tokens" },
  { bound: "maxInFlight", used: "inFlight" },
] as const satisfies { bound: keyof Pace; used: string }[];

/** What is used of each bound that is set. */
function usePace({ pace, standing }: Account): string[] {
  const { t } = useTranslation();
  const format = useFormat();
  return bounds.flatMap(({ bound, used }) => {
    const limit = pace[bound] ?? 0;
    if (limit === 0) return [];
    const now = Math.max(0, standing[used]);
    return [t(`accounts.pace.used.${bound}`, { used: format.compact(now), limit: format.compact(limit) })];
  });
}
