import { afterEach, expect, it, vi } from "vitest";
import { subscribe, type ProgramEvent } from "./events";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("receives events through the desktop window where there is one", () => {
  let send: (event: unknown) => void = () => undefined;
  const stop = vi.fn();
  vi.stubGlobal("go", { main: { App: {} } });
  vi.stubGlobal("runtime", {
    EventsOn: (name: string, receive: typeof send) => {
      expect(name).toBe("event");
      send = receive;
      return stop;
    },
  });
  const events: ProgramEvent[] = [];
  const unsubscribe = subscribe({ onEvent: (event) => events.push(event), onConnected: () => undefined });
  send({ kind: "running", data: { exchanges: null } });
  expect(events).toEqual([{ kind: "running", data: { exchanges: [] } }]);
  unsubscribe();
  expect(stop).toHaveBeenCalledOnce();
});

it("receives them by the event stream in a browser, and says when it is lost", () => {
  const source: Partial<EventSource> = { close: vi.fn() };
  vi.stubGlobal(
    "EventSource",
    vi.fn(function (url: string) {
      expect(url).toBe("/api/events");
      return source;
    }),
  );
  const events: ProgramEvent[] = [];
  const connected: boolean[] = [];
  const unsubscribe = subscribe({
    onEvent: (event) => events.push(event),
    onConnected: (is) => connected.push(is),
  });
  source.onopen?.call(source as EventSource, new Event("open"));
  source.onmessage?.call(source as EventSource, new MessageEvent("message", { data: '{"kind":"resync"}' }));
  source.onerror?.call(source as EventSource, new Event("error"));
  unsubscribe();
  expect(events).toEqual([{ kind: "resync" }]);
  expect(connected).toEqual([true, false]);
  expect(source.close).toHaveBeenCalledOnce();
});
