import type { ReactNode } from "react";
import classes from "./Blank.module.css";

interface BlankProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** What stands where there is nothing yet: what it means, and the next step. */
export function Blank({ icon, title, children, action }: BlankProps) {
  return (
    <div className={classes.blank}>
      {icon && (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      )}
      <div className={classes.title}>{title}</div>
      {children && <div className={classes.hint}>{children}</div>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
