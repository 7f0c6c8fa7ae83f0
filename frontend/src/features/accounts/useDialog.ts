import { useCallback, useMemo } from "react";
import type { Reference } from "@/api/types";
import { useSearchParam, useSetSearchParams } from "@/ui/useSearchParam";

const dialogKinds = ["add", "import", "edit", "key", "signIn", "remove"] as const;
export type DialogKind = (typeof dialogKinds)[number];

/** The dialog that the address names, so that any page can link to it. */
export interface DialogAddress {
  kind: DialogKind;
  /** The account it is about; 0 is none. */
  account: number;
  /** The way that is chosen already. */
  way: Reference | undefined;
  /** The part of the dialog that is open at first; "" is its first. */
  tab: string;
}

export type OpenDialog = (
  kind: DialogKind,
  about?: { account?: number; way?: Reference; tab?: string },
) => void;

function readWay(text: string): Reference | undefined {
  const slash = text.indexOf("/");
  return slash > 0 ? { provider: text.slice(0, slash), way: text.slice(slash + 1) } : undefined;
}

/** The open dialog, and how to open another and to close it. */
export function useDialog() {
  const [name] = useSearchParam("dialog");
  const [account] = useSearchParam("account");
  const [way] = useSearchParam("way");
  const [tab] = useSearchParam("tab");
  const setParams = useSetSearchParams();
  const kind = dialogKinds.find((known) => known === name);
  const address = useMemo<DialogAddress | undefined>(
    () => kind && { kind, account: Number(account) || 0, way: readWay(way), tab },
    [kind, account, way, tab],
  );
  const open = useCallback<OpenDialog>(
    (next, about = {}) => {
      setParams({
        dialog: next,
        account: about.account ? String(about.account) : "",
        way: about.way ? `${about.way.provider}/${about.way.way}` : "",
        tab: about.tab ?? "",
      });
    },
    [setParams],
  );
  const close = useCallback(() => {
    setParams({ dialog: "", account: "", way: "", tab: "" });
  }, [setParams]);
  return { address, open, close };
}
