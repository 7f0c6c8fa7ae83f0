import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ExchangeBody, ExchangeDetail, ToolCall } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { Blank } from "@/ui/Blank";
import { CopyButton } from "@/ui/CopyButton";
import { Chip } from "@/ui/Chip";
import { pretty } from "./pretty";
import tab from "./OverviewTab.module.css";
import classes from "./ResponseTab.module.css";

/** The answer as it was assembled, and as it was sent. */
export function ResponseTab({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  if (detail.body) return <Body body={detail.body} />;
  if (detail.running) return <Blank title={t("outcome.running")}>{t("detail.stillRunning")}</Blank>;
  return <NoBody detail={detail} />;
}

function NoBody({ detail }: { detail: ExchangeDetail }) {
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

function Body({ body }: { body: ExchangeBody }) {
  const { t } = useTranslation();
  return (
    <div className={tab.stack}>
      {body.thought && (
        <details className={classes.fold}>
          <summary>{t("detail.thinking")}</summary>
          <div className={classes.text}>{body.thought}</div>
        </details>
      )}
      <Section title={t("detail.text")} copy={{ label: t("detail.copyText"), text: body.text }}>
        {body.text ? (
          <div className={classes.text}>{body.text}</div>
        ) : (
          <p className={tab.dim}>{t("detail.noText")}</p>
        )}
      </Section>
      {body.calls.length > 0 && (
        <Section title={t("detail.calls")}>
          {body.calls.map((call) => (
            <Call key={call.id} call={call} />
          ))}
        </Section>
      )}
      <Raw title={t("detail.rawRequest")} text={body.request} cut={body.requestCut} />
      <Raw title={t("detail.rawResponse")} text={body.response} cut={body.responseCut} />
    </div>
  );
}

interface SectionProps {
  title: string;
  copy?: { label: string; text: string };
  children: ReactNode;
}

function Section({ title, copy, children }: SectionProps) {
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

function Call({ call }: { call: ToolCall }) {
  return (
    <div className={classes.call}>
      <div className={classes.callHead}>
        <code className={classes.name}>{call.name}</code>
        <code className={tab.dim}>{call.id}</code>
      </div>
      <pre className={classes.pre}>{pretty(call.arguments)}</pre>
    </div>
  );
}

/** A body as it was sent, folded: it is long, and seldom what one looks for first. */
function Raw({ title, text, cut }: { title: string; text: string; cut: boolean }) {
  const { t } = useTranslation();
  return (
    <details className={classes.fold}>
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
