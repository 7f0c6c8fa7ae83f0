import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import type { ReactNode } from "react";

interface Notification {
  /** One with the same id takes the place of the former. */
  id?: string;
  title?: string;
  message: ReactNode;
  tone?: "bad";
  closeAfterMs?: number;
}

const readingMs = 5000;

/** Tells a person something at the edge of the window, and answers how to take it away. */
export function notify({ id, title, message, tone, closeAfterMs = readingMs }: Notification): () => void {
  if (id) notifications.hide(id);
  const shown = notifications.show({
    message,
    autoClose: closeAfterMs,
    closeButtonProps: { "aria-label": i18next.t("common.close") },
    ...(id ? { id } : {}),
    ...(title ? { title } : {}),
    ...(tone === "bad" ? { color: "red" } : {}),
  });
  return () => {
    notifications.hide(shown);
  };
}
