import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { accountApi } from "@/api/accounts";
import type { NewSignIn, SignIn } from "@/api/types";
import { inDesktopWindow, openPage } from "@/desktop/desktop";
import { useStartSignIn } from "../queries";

/** A sign-in as a form asks for it. */
export type WantedSignIn = Omit<NewSignIn, "open" | "method"> & Pick<SignIn, "method">;

/** Begins a sign-in and shows its page in the person's browser. */
export function useBeginSignIn() {
  const start = useStartSignIn();
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  return useMutation({
    mutationFn: async (wanted: WantedSignIn) => {
      // The window's program opens the browser; a page in a browser opens another.
      const signIn = await start.mutateAsync({ ...wanted, open: inDesktopWindow() });
      // Whoever closed the dialog meanwhile waits for nothing any more.
      if (gone.current) accountApi.cancelSignIn(signIn.id).catch(() => undefined);
      else if (!inDesktopWindow()) void openPage(signIn.url);
      return signIn;
    },
    meta: { inline: true },
  });
}
