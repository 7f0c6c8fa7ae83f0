import { ActionIcon, Autocomplete, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "@/desktop/desktop";
import { AnswerView } from "./AnswerView";
import { curlCommand, requestBody, type Chat, type Side } from "./conversation";
import { QuestionView } from "./QuestionView";
import classes from "./SideView.module.css";
import type { Talk } from "./talk";

interface SideViewProps {
  side: Side;
  at: number;
  names: string[];
  talk: Talk;
  chat: Chat;
  baseUrl: string;
  /** Stands beside another one. */
  paired: boolean;
}

/** How far from the end one may be and still follow it. */
const nearEnd = 48;

/** Stays at the end while it grows, unless a person has scrolled away. */
function useFollowing(of: unknown) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    const element = box.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [of]);
  const onScroll = () => {
    const element = box.current;
    if (element) follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
  };
  return { ref: box, onScroll };
}

/** One model, and what was said with it. */
export function SideView({ side, at, names, talk, chat, baseUrl, paired }: SideViewProps) {
  const { t } = useTranslation();
  const following = useFollowing(side.messages);
  const label = paired ? t("playground.modelOf", { side: at + 1 }) : t("playground.model");
  const copyCurl = (id: number) => {
    const before = side.messages.slice(
      0,
      side.messages.findIndex((message) => message.id === id),
    );
    return copyText(curlCommand(baseUrl, requestBody(chat, { ...side, messages: before })));
  };
  return (
    <section className={classes.side} aria-label={label}>
      <div className={classes.head}>
        <ModelPicker
          label={label}
          value={side.model}
          names={names}
          onChange={(model) => {
            talk.setModel(at, model);
          }}
        />
        {paired && (
          <Tooltip label={t("playground.close")}>
            <ActionIcon
              aria-label={t("playground.closeOf", { model: side.model })}
              onClick={() => {
                talk.close(at);
              }}
            >
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      <div
        className={classes.thread}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("playground.conversation")}
        {...following}
      >
        {side.messages.length === 0 && <p className={classes.empty}>{t("playground.empty")}</p>}
        {side.messages.map((message, index) => {
          switch (message.role) {
            case "user":
              return (
                <QuestionView
                  key={message.id}
                  question={message}
                  onResend={(text, images) => {
                    talk.resend(message.id, { text, images });
                  }}
                />
              );
            case "assistant":
              return (
                <AnswerView
                  key={message.id}
                  answer={message}
                  last={index === side.messages.length - 1}
                  onRegenerate={() => {
                    talk.regenerate(at, message.id);
                  }}
                  onCurl={() => copyCurl(message.id)}
                  onResults={(results) => {
                    talk.giveResults(at, results);
                  }}
                />
              );
            case "tool":
              return (
                <ul key={message.id} className={classes.results} aria-label={t("playground.results")}>
                  {message.results.map(({ call, name, text }) => (
                    <li key={call}>
                      <code>{name}</code> → <span>{text}</span>
                    </li>
                  ))}
                </ul>
              );
          }
        })}
      </div>
    </section>
  );
}

interface ModelPickerProps {
  label: string;
  value: string;
  names: string[];
  onChange: (model: string) => void;
}

/** Any name may be asked: one of the list, an alias, or one that nobody knows. */
function ModelPicker({ label, value, names, onChange }: ModelPickerProps) {
  const chosen = names.includes(value);
  return (
    <Autocomplete
      className={classes.picker ?? ""}
      aria-label={label}
      value={value}
      data={names}
      limit={200}
      maxDropdownHeight={320}
      spellCheck={false}
      // Whoever looks for another model does not look for the name of this one.
      {...(chosen ? { filter: ({ options }) => options } : {})}
      onFocus={(event) => {
        event.currentTarget.select();
      }}
      onChange={onChange}
    />
  );
}
