import { IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Fold.module.css";

interface FoldProps {
  label: string;
  opened?: boolean;
  children: ReactNode;
}

/** Something that most people leave alone, folded away. */
export function Fold({ label, opened = false, children }: FoldProps) {
  return (
    <details className={classes.fold} open={opened}>
      <summary className={classes.summary}>
        <IconChevronRight size={14} aria-hidden className={classes.mark} />
        {label}
      </summary>
      <div className={classes.content}>{children}</div>
    </details>
  );
}
