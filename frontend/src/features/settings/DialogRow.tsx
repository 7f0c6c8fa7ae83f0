import { Button } from "@mantine/core";
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog, DialogBody } from "@/ui/Dialog";
import { FieldRow } from "@/ui/FieldRow";

interface DialogRowProps {
  /** What is looked at; the dialog's title too. */
  label: string;
  hint: string;
  /** The word of the button. */
  open: string;
  children: (close: () => void) => ReactNode;
}

/** Something that is too long for the page: a row, and a dialog that has it. */
export function DialogRow({ label, hint, open, children }: DialogRowProps) {
  const { t } = useTranslation();
  const id = useId();
  const [opened, setOpened] = useState(false);
  const close = () => {
    setOpened(false);
  };
  return (
    <FieldRow
      id={id}
      label={label}
      hint={hint}
      state="idle"
      words={{ saving: t("settings.saving"), saved: t("settings.saved") }}
    >
      <Button
        id={id}
        aria-label={open}
        aria-describedby={`${id}-hint`}
        onClick={() => {
          setOpened(true);
        }}
      >
        {open}
      </Button>
      <Dialog opened={opened} title={label} closeLabel={t("common.close")} size={720} onClose={close}>
        <DialogBody>{children(close)}</DialogBody>
      </Dialog>
    </FieldRow>
  );
}
