import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "./BodyParts";
import classes from "./Changes.module.css";
import { diffLines } from "./diff";
import tab from "./OverviewTab.module.css";
import { pretty } from "./pretty";

const signs = { same: " ", new: "+", gone: "−", gap: "⋯" } as const;

interface ChangesProps {
  title: string;
  before: string;
  after: string;
  /** What is said when there is no difference. */
  same: string;
}

/** What is in one text and not in the other, line by line; JSON is broken into lines first. */
export function Changes({ title, before, after, same }: ChangesProps) {
  const { t } = useTranslation();
  const lines = useMemo(() => diffLines(pretty(before), pretty(after)), [before, after]);
  const equal = lines.every(({ kind }) => kind === "gap" || kind === "same");
  return (
    <Section title={title}>
      {equal ? (
        <p className={tab.dim}>{same}</p>
      ) : (
        // A region that scrolls must be reached by the keyboard too.
        <pre className={classes.lines} tabIndex={0} role="region" aria-label={title}>
          {lines.map(({ kind, text }, at) => (
            <span key={at} className={classes.line} data-kind={kind}>
              <span className={classes.sign}>{signs[kind]}</span>
              {kind === "gap" ? t("drawer.gap") : text}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
    </Section>
  );
}
