import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { accountApi } from "@/api/accounts";
import { keys } from "@/api/queries";
import type { SignIn } from "@/api/types";

function hasEnded(signIn: SignIn | undefined): boolean {
  return signIn !== undefined && ["done", "failed", "canceled"].includes(signIn.state);
}

/** Cancels a sign-in that has not ended when whoever shows it goes away. */
export function useCancelOnLeave(id: string): void {
  const client = useQueryClient();
  const left = useRef(false);
  useEffect(() => {
    const cancel = () => {
      if (hasEnded(client.getQueryData<SignIn>(keys.signIn(id)))) return;
      // One that has just ended by itself is as good as cancelled.
      accountApi.cancelSignIn(id).catch(() => undefined);
    };
    left.current = false;
    window.addEventListener("pagehide", cancel);
    return () => {
      window.removeEventListener("pagehide", cancel);
      left.current = true;
      // In development React mounts everything twice at once; only who stays away has left.
      queueMicrotask(() => {
        if (!left.current) return;
        cancel();
        client.removeQueries({ queryKey: keys.signIn(id) });
      });
    };
  }, [client, id]);
}
