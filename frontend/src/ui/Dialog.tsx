import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Dialog.module.css";

interface DialogProps {
  opened: boolean;
  title: string;
  closeLabel: string;
  size?: number;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A dialog with something to fill in or to wait for: Escape closes it, and a
 * click beside it does not, for that would throw away what was typed.
 */
export function Dialog({ opened, title, closeLabel, size = 560, onClose, children }: DialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      padding={16}
      closeOnClickOutside={false}
      classNames={{ title: classes.title ?? "" }}
      closeButtonProps={{ "aria-label": closeLabel, size: 28 }}
    >
      {children}
    </Modal>
  );
}

/** One step of a dialog: its parts below each other. */
export function DialogBody({ children }: { children: ReactNode }) {
  return <div className={classes.body}>{children}</div>;
}

/** The buttons at the end of a step: the one that goes on is the last. */
export function DialogFoot({ aside, children }: { aside?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.foot}>
      <div className={classes.aside}>{aside}</div>
      {children}
    </div>
  );
}
