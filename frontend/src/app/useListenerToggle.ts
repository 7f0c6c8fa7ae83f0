import { useState } from "react";
import { useSetListener, useStatus } from "@/api/queries";

/** Says whether the listener serves these pages, as it does without a window. */
function servesThesePages(baseUrl: string): boolean {
  return (
    URL.canParse(baseUrl) && window.location.port !== "" && new URL(baseUrl).port === window.location.port
  );
}

/** Starts and stops the listener, and asks before it takes these pages away. */
export function useListenerToggle() {
  const { data: status } = useStatus();
  const setListener = useSetListener();
  const [asking, setAsking] = useState(false);
  const running = status?.listener.state === "running";
  return {
    known: status !== undefined,
    /** The state that is wanted, while it is not there yet. */
    running: setListener.isPending ? setListener.variables.running : running,
    /** Says that the person is asked now. */
    asking,
    toggle: (wanted: boolean) => {
      if (setListener.isPending) return;
      if (!wanted && servesThesePages(status?.listener.baseUrl ?? "")) setAsking(true);
      else setListener.mutate({ running: wanted });
    },
    confirm: () => {
      setAsking(false);
      setListener.mutate({ running: false });
    },
    cancel: () => {
      setAsking(false);
    },
  };
}

export type ListenerToggle = ReturnType<typeof useListenerToggle>;
