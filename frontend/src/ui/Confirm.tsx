import { Button, Group, Modal } from "@mantine/core";
import type { ReactNode } from "react";

interface ConfirmProps {
  opened: boolean;
  title: string;
  /** The word of the button that does it. */
  confirm: string;
  cancel: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something that cannot be undone. */
export function Confirm({
  opened,
  title,
  confirm,
  cancel,
  busy = false,
  onConfirm,
  onClose,
  children,
}: ConfirmProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<strong>{title}</strong>}
      size={440}
      withCloseButton={false}
    >
      <div>{children}</div>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button onClick={onClose} data-autofocus>
          {cancel}
        </Button>
        <Button variant="filled" color="red" loading={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </Group>
    </Modal>
  );
}
