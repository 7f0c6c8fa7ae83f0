import { useDraggable } from "@dnd-kit/core";
import { IconGripVertical } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { maskName } from "@/api/identity";
import type { Account } from "@/api/types";
import classes from "./AccountCard.module.css";

/** The id of an account's grip in the document, to give it the focus again after a move. */
export function gripId(id: number): string {
  return `grip-${id}`;
}

interface GripProps {
  account: Account;
  onMove: (step: -1 | 1) => void;
}

/** Where an account is taken to another place of the order: by dragging, or with the arrow keys. */
export function Grip({ account, onMove }: GripProps) {
  const { t } = useTranslation();
  const { setNodeRef, listeners } = useDraggable({ id: account.id });
  return (
    <button
      ref={setNodeRef}
      id={gripId(account.id)}
      type="button"
      className={classes.grip}
      aria-label={t("accounts.order.grip", { name: maskName(account.name) })}
      aria-keyshortcuts="ArrowUp ArrowDown"
      title={t("accounts.order.hint")}
      {...listeners}
      onKeyDown={(event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        onMove(event.key === "ArrowUp" ? -1 : 1);
      }}
    >
      <IconGripVertical size={14} aria-hidden />
    </button>
  );
}
