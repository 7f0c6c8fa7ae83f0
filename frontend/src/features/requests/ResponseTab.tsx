import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ExchangeBody, ExchangeDetail, ToolCall } from "@/api/types";
import { Blank } from "@/ui/Blank";
import { EventList } from "./EventList";
import { NoBody, Raw, Section } from "./BodyParts";
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

const views = ["text", "events", "raw"] as const;
type View = (typeof views)[number];

function Body({ body }: { body: ExchangeBody }) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>("text");
  return (
    <>
      <SegmentedControl
        className={classes.views ?? ""}
        aria-label={t("drawer.show.label")}
        value={view}
        data={views.map((value) => ({ value, label: t(`drawer.show.${value}`) }))}
        onChange={setView}
      />
      {view === "text" && <Assembled body={body} />}
      {view === "events" && <EventList body={body} />}
      {view === "raw" && (
        <Raw title={t("detail.rawResponse")} text={body.response} cut={body.responseCut} open />
      )}
    </>
  );
}

function Assembled({ body }: { body: ExchangeBody }) {
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
    </div>
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
