import { useMutation } from "@tanstack/react-query";
import type { NewSignIn } from "@/api/types";
import { inDesktopWindow, openPage } from "@/desktop/desktop";
import { useStartSignIn } from "../queries";

/** A sign-in as a form asks for it. */
export type WantedSignIn = Omit<NewSignIn, "open">;

/** Begins a sign-in and shows its page in the person's browser. */
export function useBeginSignIn() {
  const start = useStartSignIn();
  return useMutation({
    mutationFn: async (wanted: WantedSignIn) => {
      // The window's program opens the browser; a page in a browser opens another.
      const signIn = await start.mutateAsync({ ...wanted, open: inDesktopWindow() });
      if (!inDesktopWindow()) void openPage(signIn.url);
      return signIn;
    },
    meta: { inline: true },
  });
}
