import { IconFileImport, IconKey, IconPlayerPlay } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useChangeSettings } from "@/api/queries";
import type { Status } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { useSetSearchParams } from "@/ui/useSearchParam";
import { ownAccounts } from "./accounts";
import classes from "./FirstRunPage.module.css";

/** Who answers: an account, one that another program left here, or the demo. */
export function AccountStep({ status }: { status: Status }) {
  const { t } = useTranslation();
  const setParams = useSetSearchParams();
  const change = useChangeSettings();
  const total = ownAccounts(status);
  return (
    <>
      <p>{t("firstRun.account.hint")}</p>
      <div className={classes.choices}>
        <Choice
          icon={<IconKey size={20} stroke={1.5} />}
          title={t("firstRun.account.add")}
          hint={t("firstRun.account.addHint")}
          onChoose={() => {
            setParams({ step: "account", dialog: "add" });
          }}
        />
        <Choice
          icon={<IconFileImport size={20} stroke={1.5} />}
          title={t("firstRun.account.import")}
          hint={t("firstRun.account.importHint")}
          onChoose={() => {
            setParams({ step: "account", dialog: "import" });
          }}
        />
        <Choice
          icon={<IconPlayerPlay size={20} stroke={1.5} />}
          title={t(status.demo ? "firstRun.account.demoOn" : "firstRun.account.demo")}
          hint={t("firstRun.account.demoHint")}
          disabled={status.demo || change.isPending}
          onChoose={() => {
            change.mutate({ demo: true });
          }}
        />
      </div>
      {total > 0 && <Notice tone="quiet">{t("firstRun.account.count", { count: total })}</Notice>}
    </>
  );
}

interface ChoiceProps {
  icon: ReactNode;
  title: string;
  hint: string;
  disabled?: boolean;
  onChoose: () => void;
}

function Choice({ icon, title, hint, disabled = false, onChoose }: ChoiceProps) {
  return (
    <button type="button" className={classes.choice} disabled={disabled} onClick={onChoose}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <span>
        <span className={classes.choiceTitle}>{title}</span>
        <span className={classes.hint}>{hint}</span>
      </span>
    </button>
  );
}
