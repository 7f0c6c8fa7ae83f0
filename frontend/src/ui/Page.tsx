import type { ReactNode } from "react";
import classes from "./Page.module.css";

interface PageProps {
  title: string;
  /** What stands beside the title. */
  aside?: ReactNode;
  /** Fills the height with children that scroll by themselves. */
  fill?: boolean;
  children: ReactNode;
}

/** One page: its title, and what it shows. */
export function Page({ title, aside, fill = false, children }: PageProps) {
  return (
    <div className={classes.page} data-fill={fill || undefined}>
      <header className={classes.header}>
        <h1 className={classes.title}>{title}</h1>
        {aside && <div className={classes.aside}>{aside}</div>}
      </header>
      <div className={classes.body}>{children}</div>
    </div>
  );
}
