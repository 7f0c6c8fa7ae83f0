import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./SignInLive.module.css";

function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How long a sign-in still waits. */
export function Countdown({ to }: { to: string }) {
  const { t } = useTranslation();
  const end = new Date(to).getTime();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      window.clearInterval(timer);
    };
  }, []);
  return (
    <span className={classes.countdown} role="timer" aria-label={t("accounts.signIn.timeLeft")}>
      {clock(end - now)}
    </span>
  );
}
