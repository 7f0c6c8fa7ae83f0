import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";

interface CopyButtonProps {
  /** What the button does, for its tooltip and for screen readers. */
  label: string;
  /** What to say when it is done. */
  done: string;
  /** Copies; the check mark shows when it has. */
  onCopy: () => Promise<void>;
  /** Shows the label beside the icon. */
  wide?: boolean;
  /** What it shows instead of the usual sign, where it stands beside another one. */
  icon?: ReactNode;
}

/** A button that copies and says that it did. */
export function CopyButton({ label, done, onCopy, wide = false, icon: sign }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return undefined;
    const timer = window.setTimeout(() => {
      setCopied(false);
    }, 1600);
    return () => {
      window.clearTimeout(timer);
    };
  }, [copied]);

  const copy = () => {
    onCopy().then(
      () => {
        setCopied(true);
      },
      () => undefined, // The one who copies reports what went wrong.
    );
  };
  const icon = copied ? <IconCheck size={16} color="var(--ok)" /> : (sign ?? <IconCopy size={16} />);
  if (wide) {
    return (
      <Button leftSection={icon} onClick={copy}>
        <span aria-live="polite">{copied ? done : label}</span>
      </Button>
    );
  }
  return (
    <Tooltip label={copied ? done : label} openDelay={copied ? 0 : 400}>
      <ActionIcon aria-label={copied ? `${label}: ${done}` : label} onClick={copy}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
