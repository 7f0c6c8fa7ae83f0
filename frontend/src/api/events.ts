// What changed in the program, from the window's event bridge or from the
// server's event stream. Events say what changed; queries re-read.
import { onDesktopEvent } from "@/desktop/desktop";
import { parse } from "./client";
import type { ExchangeList } from "./types";

/** The kinds of backend/event. */
export type EventKind =
  | "resync"
  | "listener"
  | "config"
  | "accounts"
  | "signIns"
  | "models"
  | "exchanges"
  | "running"
  | "attention";

export interface ProgramEvent {
  kind: EventKind;
  data?: ExchangeList;
}

/** What a listener to the events is told. */
export interface EventSink {
  onEvent: (event: ProgramEvent) => void;
  /** Says whether events come; false while the connection is lost. */
  onConnected: (connected: boolean) => void;
}

/** Receives events until the function it answers is called. */
export function subscribe(sink: EventSink): () => void {
  const receive = (json: string) => {
    sink.onEvent(parse(json) as ProgramEvent);
  };
  const stop = onDesktopEvent((event) => {
    receive(JSON.stringify(event));
  });
  if (stop) {
    sink.onConnected(true);
    return stop;
  }
  // EventSource connects again by itself, and the first event is a resync.
  const source = new EventSource("/api/events");
  source.onopen = () => {
    sink.onConnected(true);
  };
  source.onerror = () => {
    sink.onConnected(false);
  };
  source.onmessage = (message: MessageEvent<string>) => {
    receive(message.data);
  };
  return () => {
    source.close();
  };
}
