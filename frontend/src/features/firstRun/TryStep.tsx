import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { askModel, ChatError } from "@/api/chat";
import { api } from "@/api/client";
import { keys, useModels } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { Notice } from "@/ui/Notice";
import classes from "./FirstRunPage.module.css";

interface Trial {
  state: "idle" | "running" | "done" | "failed";
  text: string;
  error: string;
  /** The number of its row. */
  request: number;
}

const idle: Trial = { state: "idle", text: "", error: "", request: 0 };

/** Asks one question, and ends it when the step is left. */
function useTrial() {
  const [trial, setTrial] = useState(idle);
  const asking = useRef<AbortController>(undefined);
  useEffect(() => () => asking.current?.abort(), []);
  const ask = async (model: string, content: string) => {
    const abort = new AbortController();
    asking.current = abort;
    const change = (next: (before: Trial) => Trial) => {
      if (!abort.signal.aborted) setTrial(next);
    };
    setTrial({ ...idle, state: "running" });
    let error = "";
    try {
      await askModel({
        body: { model, stream: true, messages: [{ role: "user", content }] },
        signal: abort.signal,
        onRequest: (request) => {
          change((before) => ({ ...before, request }));
        },
        onChunk: (chunk) => {
          if (chunk.error) error = chunk.error.message;
          change((before) => ({ ...before, text: before.text + chunk.text }));
        },
      });
    } catch (cause) {
      error = cause instanceof ChatError ? cause.message : String(cause);
    }
    change((before) => ({ ...before, error, state: error ? "failed" : "done" }));
  };
  return { trial, ask };
}

/** A message to a model, and the row that it becomes. */
export function TryStep() {
  const { t } = useTranslation();
  const { data: models = [] } = useModels();
  const [chosen, setChosen] = useState("");
  const { trial, ask } = useTrial();
  const names = models.map(({ id }) => id);
  const model = names.includes(chosen) ? chosen : (names[0] ?? "");
  const question = t("firstRun.try.question");
  if (names.length === 0) return <Notice tone="quiet">{t("firstRun.try.none")}</Notice>;
  return (
    <>
      <p>{t("firstRun.try.hint")}</p>
      <div className={classes.ask}>
        <NativeSelect
          size="xs"
          aria-label={t("firstRun.try.model")}
          value={model}
          data={names}
          onChange={(event) => {
            setChosen(event.currentTarget.value);
          }}
        />
        <Button loading={trial.state === "running"} onClick={() => void ask(model, question)}>
          {t("firstRun.try.send", { question })}
        </Button>
      </div>
      {trial.text && (
        <div className={classes.answer} aria-live="polite" aria-busy={trial.state === "running"}>
          {trial.text}
        </div>
      )}
      {trial.state === "failed" && (
        <Notice tone="bad" title={t("firstRun.try.failed")}>
          {trial.error}
        </Notice>
      )}
      {trial.request > 0 && trial.state !== "running" && <Row id={trial.request} />}
    </>
  );
}

/** The row of the request, as soon as the log has it. */
function Row({ id }: { id: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: row } = useQuery({
    queryKey: [...keys.details, id],
    queryFn: ({ signal }) => api.exchange(id, signal),
    retry: 20,
    retryDelay: 100,
  });
  if (!row) return null;
  const parts = [row.client, row.asked, row.account, row.status, format.duration(row.durationMs)];
  return (
    <div className={classes.arrived} role="status">
      <span>{t("firstRun.try.arrived")}</span>
      <code>{parts.filter(Boolean).join(" · ")}</code>
    </div>
  );
}
