import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { maskName } from "@/api/identity";
import type { Account } from "@/api/types";
import { gripId } from "./Grip";
import { movedTo, neighbour, placeOf } from "./order";
import { useOrderAccounts } from "./queries";

/** Takes accounts to other places of the order, and says where they are then. */
export function useMove(accounts: readonly Account[], shown: readonly Account[]) {
  const { t } = useTranslation();
  const { mutate: order } = useOrderAccounts();
  const [said, setSaid] = useState("");
  // What was moved with the keys keeps the focus, wherever it is drawn next.
  const moved = useRef<number>(undefined);
  useEffect(() => {
    if (moved.current === undefined) return;
    document.getElementById(gripId(moved.current))?.focus();
    moved.current = undefined;
  }, [accounts]);

  const move = useCallback(
    (id: number, over: number) => {
      const after = movedTo(accounts, id, over);
      if (!after) return;
      order(after);
      const { name, place, total } = placeOf(after, id);
      setSaid(t("accounts.order.moved", { name: maskName(name), place, total }));
    },
    [accounts, order, t],
  );
  const step = useCallback(
    (id: number, by: -1 | 1) => {
      const next = neighbour(shown, id, by);
      if (!next) return;
      moved.current = id;
      move(id, next.id);
    },
    [shown, move],
  );
  return { move, step, said };
}
