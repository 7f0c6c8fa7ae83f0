import { useTranslation } from "react-i18next";
import { maskName } from "@/api/identity";
import { type AccountState } from "@/api/standing";
import type { Account, Model } from "@/api/types";
import type { Tone } from "@/ui/Chip";
import { StateDot } from "@/ui/StateDot";
import { serversOf } from "./filter";
import classes from "./ModelTable.module.css";

const tones: Record<AccountState, Tone> = {
  ready: "ok",
  resting: "warn",
  trying: "live",
  paced: "warn",
  checking: "live",
  signIn: "bad",
  refused: "bad",
  unreachable: "bad",
  off: "quiet",
};

interface ServersProps {
  model: Model;
  accounts: ReadonlyMap<number, Account>;
  now: number;
}

/** Which accounts serve a model: the first by name, all in the hint. */
export function Servers({ model, accounts, now }: ServersProps) {
  const { t } = useTranslation();
  const servers = serversOf(model, accounts, now);
  const first = servers[0];
  if (!first) return null;
  const words = ({ account, state }: (typeof servers)[number]) =>
    `${maskName(account.name)}: ${t(`account.state.${state}`)}`;
  return (
    <span className={classes.servers} title={servers.map(words).join("\n")}>
      <StateDot tone={tones[first.state]} />
      <span className={classes.server}>{maskName(first.account.name)}</span>
      <span className="said">{t(`account.state.${first.state}`)}</span>
      {servers.length > 1 && (
        <span className={classes.dim}>{t("models.more", { count: servers.length - 1 })}</span>
      )}
    </span>
  );
}
