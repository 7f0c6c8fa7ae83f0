import { useState } from "react";
import { ApiError } from "@/api/client";
import { useStatus } from "@/api/queries";
import { FirstRun } from "./FirstRun";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { useProgramEvents } from "./useProgramEvents";
import { usePreferences } from "./usePreferences";

type Standing = "unknown" | "signed in" | "signed out";

function standingOf({ error, data }: ReturnType<typeof useStatus>): Standing {
  if (error instanceof ApiError && error.status === 401) return "signed out";
  // Any other error is for the pages to show.
  return data || error ? "signed in" : "unknown";
}

/** Shows the pages to whoever may see them, and asks everybody else to sign in. */
export function Gate() {
  const now = standingOf(useStatus());
  const [standing, setStanding] = useState(now);
  // While it is asked again, what was known last stays: nothing typed is lost.
  if (now !== "unknown" && now !== standing) setStanding(now);
  switch (standing) {
    case "signed out":
      return <SignIn />;
    case "signed in":
      return <SignedIn />;
    case "unknown":
      return null;
  }
}

function SignedIn() {
  usePreferences();
  const connected = useProgramEvents();
  return (
    <FirstRun>
      <Shell connected={connected} />
    </FirstRun>
  );
}
