import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import classes from "./SidePanel.module.css";

interface SidePanelProps {
  title: string;
  /** What stands beside the title. */
  aside?: ReactNode;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
}

/** A drawer at the right that leaves the page usable: Escape closes it, focus goes back. */
export function SidePanel({ title, aside, closeLabel, onClose, children }: SidePanelProps) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const opener = document.activeElement;
    // In a table the arrows go on moving, so the focus stays there.
    if (opener?.getAttribute("role") !== "grid") panel.current?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);

  useEffect(() => {
    const close = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) onClose();
    };
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("keydown", close);
    };
  }, [onClose]);

  return (
    <div ref={panel} className={classes.panel} role="dialog" aria-labelledby={id} tabIndex={-1}>
      <header className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        <div className={classes.aside}>{aside}</div>
        <ActionIcon aria-label={closeLabel} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={classes.body}>{children}</div>
    </div>
  );
}
