import { ActionIcon, Loader, Tooltip } from "@mantine/core";
import { IconListDetails, IconRefresh, IconTerminal2 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { copyText } from "@/desktop/desktop";
import { useFormat } from "@/i18n/format";
import { CopyButton } from "@/ui/CopyButton";
import { Fold } from "@/ui/Fold";
import { Notice } from "@/ui/Notice";
import { useSearchParam } from "@/ui/useSearchParam";
import classes from "./AnswerView.module.css";
import type { Answer, Results } from "./conversation";
import { Markdown } from "./Markdown";
import { ToolCalls } from "./ToolCalls";

interface AnswerViewProps {
  answer: Answer;
  /** Nothing follows it. */
  last: boolean;
  onRegenerate: () => void;
  onCurl: () => Promise<void>;
  onResults: (results: Results["results"]) => void;
}

/** What a model answered, what it took, and what can be done with it. */
export function AnswerView({ answer, last, onRegenerate, onCurl, onResults }: AnswerViewProps) {
  const { t } = useTranslation();
  const { text, thought, calls, state, error } = answer;
  const begun = text !== "" || thought !== "" || calls.length > 0;
  return (
    <article className={classes.answer} aria-label={t("playground.answerOf", { model: answer.model })}>
      {thought && (
        <Fold label={t(state === "running" && !text ? "playground.thinking" : "playground.thought")}>
          <div className={classes.thought}>{thought}</div>
        </Fold>
      )}
      {state === "running" && !begun && <Loader size={14} type="dots" aria-label={t("playground.waiting")} />}
      {text && <Markdown text={text} />}
      {calls.length > 0 && <ToolCalls calls={calls} {...(last && state === "done" ? { onResults } : {})} />}
      {state === "stopped" && <p className={classes.stopped}>{t("playground.stopped")}</p>}
      {state === "done" && !begun && <p className={classes.stopped}>{t("playground.nothing")}</p>}
      {answer.finish === "length" && <p className={classes.stopped}>{t("playground.cut")}</p>}
      {state === "failed" && error && (
        <Notice tone="bad" title={error.message}>
          <Advice status={error.status} />
        </Notice>
      )}
      {state !== "running" && (
        <div className={classes.foot}>
          <Figures answer={answer} />
          <Actions answer={answer} onRegenerate={onRegenerate} onCurl={onCurl} />
        </div>
      )}
    </article>
  );
}

/** What to do about a failure of this status. */
function Advice({ status }: { status: number }) {
  const { t } = useTranslation();
  if (status === 0) return t("playground.advice.unreachable");
  if (status === 401 || status === 403) {
    return (
      <>
        {t("playground.advice.refused")} <Link to="/accounts">{t("nav.accounts")}</Link>
      </>
    );
  }
  if (status === 404) return t("playground.advice.unknown");
  if (status === 413) return t("playground.advice.large");
  if (status === 429) return t("playground.advice.rate");
  if (status >= 400 && status < 500) return t("playground.advice.request");
  return t("playground.advice.other");
}

function Figures({ answer }: { answer: Answer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { model, usage, firstMs, totalMs } = answer;
  const parts = [
    model,
    usage && t("playground.tokens", { in: format.count(usage.in), out: format.count(usage.out) }),
    usage?.cached ? t("playground.cached", { count: usage.cached }) : "",
    usage?.reasoning ? t("playground.reasoning", { count: usage.reasoning }) : "",
    firstMs !== undefined && t("playground.first", { time: format.duration(firstMs) }),
    totalMs !== undefined && t("playground.total", { time: format.duration(totalMs) }),
  ];
  return <span className={classes.figures}>{parts.filter(Boolean).join(" · ")}</span>;
}

function Actions({
  answer,
  onRegenerate,
  onCurl,
}: Pick<AnswerViewProps, "answer" | "onRegenerate" | "onCurl">) {
  const { t } = useTranslation();
  const [, showRequest] = useSearchParam("request");
  const { request, text } = answer;
  return (
    <span className={classes.actions}>
      {text && (
        <CopyButton label={t("playground.copy")} done={t("common.copied")} onCopy={() => copyText(text)} />
      )}
      <Tooltip label={t("playground.regenerate")}>
        <ActionIcon aria-label={t("playground.regenerate")} onClick={onRegenerate}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      <CopyButton
        label={t("playground.curl")}
        done={t("playground.curlCopied")}
        icon={<IconTerminal2 size={16} />}
        onCopy={onCurl}
      />
      {request > 0 && (
        <Tooltip label={t("playground.showRequest")}>
          <ActionIcon
            aria-label={t("playground.showRequest")}
            onClick={() => {
              showRequest(String(request));
            }}
          >
            <IconListDetails size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </span>
  );
}
