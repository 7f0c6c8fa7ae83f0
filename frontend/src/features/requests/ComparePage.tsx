import { Button, Skeleton } from "@mantine/core";
import { IconArrowLeft, IconArrowsLeftRight } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { outcomeOf } from "@/api/exchange";
import type { ExchangeDetail } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { StatusChip } from "@/ui/StatusChip";
import { Changes } from "./Changes";
import type { Chosen } from "./compare";
import classes from "./ComparePage.module.css";
import { useFields } from "./fields";
import tab from "./OverviewTab.module.css";
import { useExchange } from "./queries";
import { timing } from "./timing";
import { TimingBar } from "./TimingBar";

interface ComparePageProps {
  ids: readonly [number, number];
  onChoose: (chosen: Chosen) => void;
}

/** Two requests side by side, and what differs of what was sent and answered. */
export function ComparePage({ ids: [a, b], onChoose }: ComparePageProps) {
  const { t } = useTranslation();
  const queries = [useExchange(a), useExchange(b)] as const;
  const [left, right] = [queries[0].data, queries[1].data];
  const failed = queries.find(({ isError, data }) => isError && !data);

  useEffect(() => {
    const back = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) onChoose([]);
    };
    document.addEventListener("keydown", back);
    return () => {
      document.removeEventListener("keydown", back);
    };
  }, [onChoose]);

  return (
    <Page
      title={t("drawer.compare.title", { a, b })}
      aside={
        <>
          <Button
            leftSection={<IconArrowsLeftRight size={14} />}
            onClick={() => {
              onChoose([b, a]);
            }}
          >
            {t("drawer.compare.swap")}
          </Button>
          <Button
            autoFocus
            leftSection={<IconArrowLeft size={14} />}
            onClick={() => {
              onChoose([]);
            }}
          >
            {t("drawer.compare.back")}
          </Button>
        </>
      }
    >
      {left && right ? (
        <Both left={left} right={right} />
      ) : failed ? (
        <Notice
          tone="bad"
          title={t("detail.error")}
          action={<Button onClick={() => void failed.refetch()}>{t("common.retry")}</Button>}
        >
          {failed.error?.message}
        </Notice>
      ) : (
        <div role="status" aria-label={t("common.loading")}>
          {Array.from({ length: 12 }, (_, line) => (
            <Skeleton key={line} height={12} mb={16} />
          ))}
        </div>
      )}
    </Page>
  );
}

interface BothProps {
  left: ExchangeDetail;
  right: ExchangeDetail;
}

function Both({ left, right }: BothProps) {
  const { t } = useTranslation();
  return (
    <div className={tab.stack}>
      <h2 className={classes.hidden}>{t("detail.overview")}</h2>
      <Overviews left={left} right={right} />
      <div className={classes.pair}>
        {[left, right].map((detail) => (
          <TimingBar key={detail.id} stretches={timing(detail)} totalMs={detail.durationMs} />
        ))}
      </div>
      <Bodies left={left} right={right} />
    </div>
  );
}

function Overviews({ left, right }: BothProps) {
  const { t } = useTranslation();
  const [one, other] = [useFields(left), useFields(right)];
  const rows = one.map(([label, value], at) => [label, value, other[at]?.[1] ?? ""] as const);
  const errors = [t("detail.field.error"), left.error, right.error] as const;
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("drawer.compare.field")}</th>
          {[left, right].map((detail) => (
            <th key={detail.id} scope="col">
              {t("drawer.compare.request", { id: detail.id })} <Outcome detail={detail} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {[...rows, errors].map(
          ([label, mine, yours]) =>
            (mine || yours) && (
              <tr key={label} data-differs={mine !== yours || undefined}>
                <th scope="row">
                  {label}
                  {mine !== yours && <span className={classes.hidden}> {t("drawer.compare.differs")}</span>}
                </th>
                <td>{mine}</td>
                <td>{yours}</td>
              </tr>
            ),
        )}
      </tbody>
    </table>
  );
}

function Outcome({ detail }: { detail: ExchangeDetail }) {
  const { t } = useTranslation();
  const outcome = outcomeOf(detail);
  const word = t(`outcome.${outcome}`);
  return <StatusChip look={outcome} label={detail.running ? word : `${detail.status} ${word}`} />;
}

/** What an answer said: its text, or all of it where no text was read from it. */
function answerOf({ body }: ExchangeDetail): string {
  const { text = "", response = "" } = body ?? {};
  return text === "" ? response : text;
}

function Bodies({ left, right }: BothProps) {
  const { t } = useTranslation();
  const missing = [left, right].filter(({ body }) => !body);
  if (missing.length === 2) return <Notice tone="quiet">{t("drawer.compare.noBodies")}</Notice>;
  const [gone] = missing;
  if (gone) return <Notice tone="quiet">{t("drawer.compare.oneBody", { id: gone.id })}</Notice>;
  const same = t("drawer.compare.same");
  const pairs = [
    [t("drawer.compare.requests"), left.body?.request, right.body?.request],
    [t("drawer.compare.sent"), left.body?.sent, right.body?.sent],
    [t("drawer.compare.answers"), answerOf(left), answerOf(right)],
  ] as const;
  return (
    <>
      <p className={classes.legend}>
        {[left, right].map(({ id }, at) => (
          <span key={id} className={classes.side} data-side={at}>
            {t(at === 0 ? "drawer.compare.minus" : "drawer.compare.plus", { id })}
          </span>
        ))}
      </p>
      {pairs.map(([title, before = "", after = ""]) => (
        <Changes key={title} title={title} before={before} after={after} same={same} />
      ))}
    </>
  );
}
