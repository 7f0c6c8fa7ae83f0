import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

interface NoticeProps {
  tone: "warn" | "bad" | "quiet";
  title?: string;
  /** What can be done about it. */
  action?: ReactNode;
  children?: ReactNode;
}

const icons = { warn: IconAlertTriangle, bad: IconCircleX, quiet: IconInfoCircle };

/** Something a person has to know, in the flow of the page. */
export function Notice({ tone, title, action, children }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div className={classes.notice} data-tone={tone} role={tone === "quiet" ? undefined : "alert"}>
      <Icon size={16} aria-hidden className={classes.icon} />
      <div className={classes.text}>
        {title && <div className={classes.title}>{title}</div>}
        {children && <div>{children}</div>}
      </div>
      {action}
    </div>
  );
}
