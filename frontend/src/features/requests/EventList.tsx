import { useVirtualizer } from "@tanstack/react-virtual";
import { useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { ExchangeBody } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Blank } from "@/ui/Blank";
import { Section } from "./BodyParts";
import classes from "./EventList.module.css";
import { gistOf, readEvents, type StreamEvent } from "./events";
import { nextIndex } from "./keyboard";
import tab from "./OverviewTab.module.css";
import { pretty } from "./pretty";
import parts from "./ResponseTab.module.css";

/** The events of an answer with their times, and all of the chosen one. */
export function EventList({ body }: { body: ExchangeBody }) {
  const { t } = useTranslation();
  const format = useFormat();
  const events = useMemo(() => readEvents(body), [body]);
  const [chosen, setChosen] = useState(0);
  if (!events || events.length === 0) {
    return <Blank title={t("drawer.events.none")}>{t("drawer.events.noneHint")}</Blank>;
  }
  const event = events[chosen];
  const data = event ? pretty(event.data) : "";
  return (
    <div className={tab.stack}>
      <div>
        <Listed events={events} chosen={chosen} onChoose={setChosen} />
        <p className={classes.foot}>
          {t("drawer.events.count", { count: events.length, formatted: format.count(events.length) })}
          {body.pieces.length === 0 && ` ${t("drawer.events.noTimes")}`}
          {body.responseCut && ` ${t("drawer.events.cut")}`}
        </p>
      </div>
      <Section
        title={t("drawer.events.chosen", { n: format.count(chosen + 1) })}
        copy={{ label: t("drawer.events.copy"), text: event?.data ?? "" }}
      >
        <pre
          className={parts.pre}
          tabIndex={0}
          role="region"
          aria-label={t("drawer.events.chosen", { n: format.count(chosen + 1) })}
        >
          {data}
        </pre>
      </Section>
    </div>
  );
}

const rowHeight = 24;
const rowSize = () => rowHeight;

interface ListedProps {
  events: readonly StreamEvent[];
  chosen: number;
  onChoose: (index: number) => void;
}

/** A list of any length: only what is in sight is in the document. */
function Listed({ events, chosen, onChoose }: ListedProps) {
  const { t } = useTranslation();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: rowSize,
    overscan: 8,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const index = nextIndex(event.key, chosen, events.length, page);
    if (index === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(index);
    onChoose(index);
  };
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="listbox"
      aria-label={t("drawer.events.list")}
      aria-activedescendant={`${id}${chosen}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const event = events[index];
          return (
            event && (
              <div
                key={index}
                id={`${id}${index}`}
                role="option"
                aria-selected={index === chosen}
                aria-setsize={events.length}
                aria-posinset={index + 1}
                className={classes.row}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => {
                  onChoose(index);
                }}
              >
                <Cells event={event} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function Cells({ event }: { event: StreamEvent }) {
  const format = useFormat();
  const { type, text } = gistOf(event);
  return (
    <>
      <span className={classes.time}>{event.ms !== undefined && `+${format.duration(event.ms)}`}</span>
      <span className={classes.type}>{type}</span>
      <span className={classes.text}>{text}</span>
    </>
  );
}
