import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ExchangeDetail } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { Blank } from "@/ui/Blank";
import { Chip } from "@/ui/Chip";
import { CopyButton } from "@/ui/CopyButton";
import tab from "./OverviewTab.module.css";
import { pretty } from "./pretty";
import classes from "./ResponseTab.module.css";

/** Why there is no body to show, and where that is set. */
export function NoBody({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  const reason = detail.bodyPolicy === "errors" && detail.status >= 400 ? "errorsKept" : detail.bodyPolicy;
  return (
    <Blank
      title={t("detail.noBody.title")}
      action={<Link to="/settings?section=requests">{t("detail.noBody.link")}</Link>}
    >
      {t(`detail.noBody.${reason}`)}
    </Blank>
  );
}

interface SectionProps {
  title: string;
  copy?: { label: string; text: string };
  children: ReactNode;
}

/** A titled part of a tab. */
export function Section({ title, copy, children }: SectionProps) {
  const { t } = useTranslation();
  return (
    <section>
      <div className={classes.head}>
        <h3 className={classes.title}>{title}</h3>
        {copy?.text && (
          <CopyButton label={copy.label} done={t("common.copied")} onCopy={() => copyText(copy.text)} />
        )}
      </div>
      {children}
    </section>
  );
}

interface RawProps {
  title: string;
  text: string;
  cut: boolean;
  open?: boolean;
}

/** A body as it was sent. It is long, and seldom what one looks for first: it is folded where it stands with others. */
export function Raw({ title, text, cut, open = false }: RawProps) {
  const { t } = useTranslation();
  return (
    <details className={classes.fold} open={open}>
      <summary>
        {title} {cut && <Chip tone="warn">{t("detail.cut")}</Chip>}
      </summary>
      {text ? (
        <div className={classes.raw}>
          <div className={classes.copy}>
            <CopyButton
              label={t("detail.copyBody")}
              done={t("common.copied")}
              onCopy={() => copyText(text)}
            />
          </div>
          <pre className={classes.pre} tabIndex={0} aria-label={title} role="region">
            {pretty(text)}
          </pre>
        </div>
      ) : (
        <p className={tab.dim}>{t("detail.emptyBody")}</p>
      )}
    </details>
  );
}
