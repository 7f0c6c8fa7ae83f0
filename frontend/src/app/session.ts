// How the web edition signs in: the program prints a link that carries a
// token, which is exchanged once for a cookie and leaves the address.
import { api } from "@/api/client";

/** Exchanges the token of the address, if there is one. */
export async function redeemToken(): Promise<void> {
  const url = new URL(window.location.href);
  const token = url.searchParams.get("token");
  if (token === null) return;
  url.searchParams.delete("token");
  window.history.replaceState(null, "", url);
  // A stale token is no reason to stop: without a session the pages ask for one.
  await api.signIn(token).catch(() => undefined);
}

/** Ends the session of this browser, or of all of them, and shows the sign-in page. */
export async function signOut(everywhere = false): Promise<void> {
  await api.signOut(everywhere);
  window.location.reload();
}
