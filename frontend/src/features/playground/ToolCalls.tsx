import { Button } from "@mantine/core";
import { IconTool } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Results, ToolCall } from "./conversation";
import classes from "./ToolCalls.module.css";

interface ToolCallsProps {
  calls: ToolCall[];
  /** Takes what the tools gave; undefined when it is not waited for. */
  onResults?: (results: Results["results"]) => void;
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // It still comes in, or the model wrote no JSON.
  }
}

/** The tools that a model wants called: a person answers in their stead. */
export function ToolCalls({ calls, onResults }: ToolCallsProps) {
  const { t } = useTranslation();
  const id = useId();
  const [texts, setTexts] = useState<Record<string, string>>({});
  const give = () => {
    onResults?.(calls.map(({ id: call, name }) => ({ call, name, text: texts[call] ?? "" })));
  };
  return (
    <form
      className={classes.calls}
      onSubmit={(event) => {
        event.preventDefault();
        give();
      }}
    >
      {calls.map((call, at) => (
        <div key={call.id} className={classes.call}>
          <div className={classes.name}>
            <IconTool size={14} aria-hidden />
            <code>{call.name}</code>
          </div>
          <pre className={classes.given} tabIndex={0}>
            {pretty(call.arguments)}
          </pre>
          {onResults && (
            <>
              <label className={classes.label} htmlFor={`${id}-${at}`}>
                {t("playground.resultOf", { name: call.name })}
              </label>
              <textarea
                id={`${id}-${at}`}
                className={classes.field}
                rows={2}
                spellCheck={false}
                value={texts[call.id] ?? ""}
                onChange={(event) => {
                  setTexts({ ...texts, [call.id]: event.currentTarget.value });
                }}
              />
            </>
          )}
        </div>
      ))}
      {onResults && (
        <Button type="submit" className={classes.button ?? ""}>
          {t("playground.giveResults")}
        </Button>
      )}
    </form>
  );
}
