import { ApiError } from "@/api/client";
import { useStatus } from "@/api/queries";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { useProgramEvents } from "./useProgramEvents";
import { usePreferences } from "./usePreferences";

/** Shows the pages to whoever may see them, and asks everybody else to sign in. */
export function Gate() {
  const status = useStatus();
  const signedOut = status.error instanceof ApiError && status.error.status === 401;
  return signedOut ? <SignIn /> : <SignedIn />;
}

function SignedIn() {
  usePreferences();
  const connected = useProgramEvents();
  return <Shell connected={connected} />;
}
