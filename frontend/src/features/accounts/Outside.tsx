import { Anchor } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import type { MouseEvent, ReactNode } from "react";
import { isWebAddress, openPage } from "@/desktop/desktop";
import classes from "./Outside.module.css";

/** A link to a page of a service, which opens in the person's own browser. */
export function Outside({ href, children }: { href: string; children: ReactNode }) {
  // The address may come from a service's answer: nothing but a web page is a link.
  if (!isWebAddress(href)) return null;
  const open = (event: MouseEvent) => {
    event.preventDefault();
    void openPage(href);
  };
  return (
    <Anchor
      href={href}
      target="_blank"
      rel="noreferrer"
      title={href}
      className={classes.link ?? ""}
      onClick={open}
    >
      {children}
      <IconExternalLink size={14} aria-hidden />
    </Anchor>
  );
}
