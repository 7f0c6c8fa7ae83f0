import { useTranslation } from "react-i18next";
import type { ClientChange } from "@/api/types";
import { Notice } from "@/ui/Notice";
import classes from "./Changes.module.css";

const signs = { same: " ", new: "+", gone: "−", gap: "⋯" } as const;

/** What would change in files, as a difference line by line. */
export function Changes({ changes }: { changes: readonly ClientChange[] }) {
  const { t } = useTranslation();
  return changes.map((change) => (
    <div key={change.path} className={classes.change}>
      <div className={classes.path}>
        <code>{change.path}</code>
        {!change.exists && <span>{t("connect.newFile")}</span>}
      </div>
      {change.problem ? (
        <Notice tone="bad">{change.problem}</Notice>
      ) : change.lines.length === 0 ? (
        <div className={classes.same}>{t("connect.same")}</div>
      ) : (
        // A region that scrolls must be reached by the keyboard too.
        <pre className={classes.lines} tabIndex={0} role="region" aria-label={change.path}>
          {change.lines.map(({ kind, text }, index) => (
            <span key={index} className={classes.line} data-kind={kind}>
              <span className={classes.sign}>{signs[kind]}</span>
              {kind === "gap" ? <span className={classes.gap}>{t("connect.gap")}</span> : text}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
    </div>
  ));
}
