import { Button } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useChangeSettings, useSettings, useStatus } from "@/api/queries";
import { useSearchParam } from "@/ui/useSearchParam";
import { AccountStep } from "./AccountStep";
import { ownAccounts } from "./accounts";
import { ConnectStep } from "./ConnectStep";
import classes from "./FirstRunPage.module.css";
import { LookStep } from "./LookStep";
import { TryStep } from "./TryStep";

const steps = ["look", "account", "connect", "try"] as const;
type Step = (typeof steps)[number];

/** The first steps: language and theme, an account, a client, a message. Each may be skipped. */
export default function FirstRunPage({ dialogs }: { dialogs: ReactNode }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: settings } = useSettings();
  const { data: status } = useStatus();
  const changeSettings = useChangeSettings();
  const [name, setStep] = useSearchParam("step");
  if (!settings || !status) return null;
  const step: Step = steps.find((known) => known === name) ?? "look";
  // Whoever has an account is not asked for one.
  const hasAccount = ownAccounts(status) > 0 && name !== "account";
  const shown = steps.filter((one) => one !== "account" || !hasAccount);
  const at = shown.indexOf(step);
  const finish = () => {
    changeSettings.mutate(
      { firstRunDone: true },
      {
        onSuccess: () => {
          void navigate("/");
        },
      },
    );
  };
  const go = (to: number) => {
    const next = shown[to];
    if (next) setStep(next);
    else finish();
  };
  const content: Record<Step, ReactNode> = {
    look: <LookStep settings={settings} />,
    account: <AccountStep status={status} />,
    connect: <ConnectStep status={status} />,
    try: <TryStep />,
  };
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <header className={classes.header}>
          <h1 className={classes.title}>{t("firstRun.title")}</h1>
          <Button size="compact-sm" variant="subtle" loading={changeSettings.isPending} onClick={finish}>
            {t("firstRun.skipAll")}
          </Button>
        </header>
        <ol className={classes.steps}>
          {shown.map((one, index) => (
            <li
              key={one}
              data-state={index < at ? "done" : index === at ? "now" : "next"}
              {...(index === at ? { "aria-current": "step" as const } : {})}
            >
              <span className={classes.number} aria-hidden>
                {index < at ? <IconCheck size={12} /> : index + 1}
              </span>
              {t(`firstRun.step.${one}`)}
            </li>
          ))}
        </ol>
        <section className={classes.content} aria-label={t(`firstRun.step.${step}`)} key={step}>
          {content[step]}
        </section>
        <footer className={classes.foot}>
          {at > 0 && (
            <Button
              onClick={() => {
                go(at - 1);
              }}
            >
              {t("firstRun.back")}
            </Button>
          )}
          <span className={classes.count}>{t("firstRun.of", { step: at + 1, total: shown.length })}</span>
          <Button
            variant="filled"
            autoFocus
            key={step}
            onClick={() => {
              go(at + 1);
            }}
          >
            {t(at === shown.length - 1 ? "firstRun.done" : "firstRun.next")}
          </Button>
        </footer>
      </div>
      {dialogs}
    </main>
  );
}
