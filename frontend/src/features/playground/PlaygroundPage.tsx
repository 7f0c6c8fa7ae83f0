import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconAdjustments, IconColumns2, IconEraser } from "@tabler/icons-react";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useModels, useSetListener, useStatus } from "@/api/queries";
import type { Status } from "@/api/types";
import { Blank } from "@/ui/Blank";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Composer } from "./Composer";
import { problemsOf } from "./conversation";
import { namesOf } from "./models";
import { Parameters } from "./Parameters";
import classes from "./PlaygroundPage.module.css";
import { SideView } from "./SideView";
import { Talk } from "./talk";

let shared: Talk | undefined;

/** The conversation of this window: it goes on while another page is shown. */
function sharedTalk(): Talk {
  return (shared ??= new Talk(window.localStorage));
}

/** A chat with any model, or with two side by side. */
export default function PlaygroundPage({ talk = sharedTalk() }: { talk?: Talk }) {
  const { t } = useTranslation();
  const chat = useSyncExternalStore(talk.subscribe, talk.snapshot);
  const { data: status } = useStatus();
  const models = useModels();
  const names = useMemo(() => namesOf(models.data ?? []), [models.data]);
  const [tuning, setTuning] = useState(false);
  const [first, second] = chat.sides;
  const first0 = names[0];
  useEffect(() => {
    if (first0 && first?.model === "") talk.setModel(0, first0);
  }, [talk, first0, first?.model]);

  const problems = problemsOf(chat.options);
  const wrong = Object.keys(problems).length > 0;
  const running = chat.sides.some(({ messages }) =>
    messages.some((message) => message.role === "assistant" && message.state === "running"),
  );
  const said = chat.sides.some(({ messages }) => messages.length > 0);
  const nothing = names.length === 0 && models.data !== undefined && !said;
  const baseUrl = status?.listener.baseUrl ?? "";
  return (
    <Page
      title={t("playground.title")}
      aside={
        <>
          {!second && (
            <Button
              leftSection={<IconColumns2 size={14} />}
              disabled={nothing}
              onClick={() => {
                talk.compare(names.find((name) => name !== first?.model) ?? first?.model ?? "");
              }}
            >
              {t("playground.compare")}
            </Button>
          )}
          <Button
            leftSection={<IconAdjustments size={14} />}
            aria-expanded={tuning}
            onClick={() => {
              setTuning(!tuning);
            }}
          >
            {t("playground.parameters")}
          </Button>
          <Tooltip label={t("playground.clear")}>
            <ActionIcon
              aria-label={t("playground.clear")}
              disabled={!said}
              onClick={() => {
                talk.clear();
              }}
            >
              <IconEraser size={16} />
            </ActionIcon>
          </Tooltip>
        </>
      }
      fill
    >
      {status && <PortNotice status={status} />}
      {nothing ? (
        <NoModels />
      ) : (
        <div className={classes.body}>
          <div className={classes.talk}>
            <div className={classes.sides}>
              {chat.sides.map((side, at) => (
                <SideView
                  key={at}
                  side={side}
                  at={at}
                  names={names}
                  talk={talk}
                  chat={chat}
                  baseUrl={baseUrl}
                  paired={second !== undefined}
                />
              ))}
            </div>
            <Composer
              running={running}
              blocked={wrong || chat.sides.some(({ model }) => model.trim() === "")}
              hint={wrong ? t("playground.wrong") : t("playground.enter")}
              onSend={(text, images) => {
                talk.send({ text, images });
              }}
              onStop={() => {
                talk.stop();
              }}
            />
          </div>
          {tuning && (
            <Parameters
              system={chat.system}
              options={chat.options}
              problems={problems}
              onSystem={(system) => {
                talk.setSystem(system);
              }}
              onOptions={(change) => {
                talk.setOptions(change);
              }}
            />
          )}
        </div>
      )}
      <div className="said" aria-live="polite">
        {said && (running ? t("playground.answering") : t("playground.answered"))}
      </div>
    </Page>
  );
}

/** The Playground asks in the program itself: it works while nobody else can. */
function PortNotice({ status }: { status: Status }) {
  const { t } = useTranslation();
  const setListener = useSetListener();
  if (status.listener.state === "running") return null;
  return (
    <div className={classes.notice}>
      <Notice
        tone="warn"
        title={t("playground.port.title")}
        action={
          <Button
            loading={setListener.isPending}
            onClick={() => {
              setListener.mutate({ running: true });
            }}
          >
            {t("playground.port.start")}
          </Button>
        }
      >
        {status.listener.error || t("playground.port.hint")}
      </Notice>
    </div>
  );
}

function NoModels() {
  const { t } = useTranslation();
  return (
    <Blank
      title={t("playground.none.title")}
      action={
        <Button component={Link} to="/accounts?dialog=add" variant="filled">
          {t("playground.none.add")}
        </Button>
      }
    >
      {t("playground.none.hint")}
    </Blank>
  );
}
