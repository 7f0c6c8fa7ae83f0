import { useCallback } from "react";
import { useNavigate } from "react-router";
import { useRetryAccount, useTestAccount } from "@/api/accountQueries";
import type { AccountAction } from "@/api/accounts";
import type { Account } from "@/api/types";
import type { MenuAction } from "./CardMenu";
import { useChangeAccount } from "./queries";
import type { OpenDialog } from "./useDialog";

/** Does what a card's buttons say. */
export function useAct(open: OpenDialog, step: (id: number, by: -1 | 1) => void) {
  const { mutate: test } = useTestAccount();
  const { mutate: change } = useChangeAccount("card");
  const { mutate: retry } = useRetryAccount();
  const navigate = useNavigate();
  return useCallback(
    (action: AccountAction | MenuAction, { id }: Account, model?: string) => {
      switch (action) {
        case "test":
          test(id);
          return;
        case "retry":
          retry(model === undefined ? { id } : { id, model });
          return;
        case "up":
        case "down":
          step(id, action === "up" ? -1 : 1);
          return;
        case "enable":
        case "disable":
          change({ id, enabled: action === "enable" });
          return;
        case "import":
          open("import", { account: id });
          return;
        case "settings":
          void navigate("/settings?section=routing");
          return;
        case "edit":
        case "routing":
        case "network":
          open("edit", { account: id, tab: action === "edit" ? "" : action });
          return;
        case "key":
        case "signIn":
        case "remove":
          open(action, { account: id });
          return;
      }
    },
    [open, step, test, retry, change, navigate],
  );
}
