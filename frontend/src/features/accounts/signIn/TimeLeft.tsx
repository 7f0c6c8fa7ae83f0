import { useTranslation } from "react-i18next";
import { countdown } from "@/i18n/format";
import { Countdown } from "@/ui/Countdown";
import classes from "./SignInLive.module.css";

/** How long a sign-in still waits. */
export function TimeLeft({ to }: { to: string }) {
  const { t } = useTranslation();
  return (
    <span className={classes.countdown} role="timer" aria-label={t("accounts.signIn.timeLeft")}>
      <Countdown to={to} format={countdown} />
    </span>
  );
}
