import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keys } from "@/api/queries";
import { lingerMs, type RunningExchange } from "@/api/running";
import { detail, exchange } from "@/testing/samples";
import { createEventSink } from "./useProgramEvents";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function sinkWithSpy() {
  const client = new QueryClient();
  const asked: string[] = [];
  vi.spyOn(client, "invalidateQueries").mockImplementation((filters) => {
    asked.push((filters?.queryKey ?? []).join("/"));
    return Promise.resolve();
  });
  return { client, asked, sink: createEventSink(client) };
}

it("re-reads what changed and nothing else", () => {
  const { asked, sink } = sinkWithSpy();
  sink.receive({ kind: "listener" });
  expect(asked.splice(0)).toEqual(["status"]);
  sink.receive({ kind: "config" });
  expect(asked.splice(0)).toEqual(["figures", "prices", "status", "settings", "keys", "models", "accounts"]);
  sink.receive({ kind: "accounts" });
  expect(asked.splice(0)).toEqual(["status", "accounts"]);
  sink.receive({ kind: "signIns" });
  expect(asked.splice(0)).toEqual(["signIns"]);
  sink.receive({ kind: "resync" });
  expect(asked.splice(0)).toEqual([""]);
  sink.stop();
});

it("re-reads the log a few times a second, however many requests end", () => {
  const { asked, sink } = sinkWithSpy();
  for (let i = 0; i < 100; i++) {
    sink.receive({ kind: "exchanges" });
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  expect(asked.filter((key) => key === "exchanges/log")).toHaveLength(4);
  // Figures can wait longer.
  expect(asked.filter((key) => key === "accounts")).toHaveLength(2);
  sink.stop();
});

it("re-reads the accounts a few times a second, however many are checked", () => {
  const { asked, sink } = sinkWithSpy();
  for (let i = 0; i < 1000; i++) {
    sink.receive({ kind: "accounts" });
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(1000);
  expect(asked.filter((key) => key === "accounts").length).toBeLessThan(8);
  sink.stop();
});

it("does not read again what can no longer change", () => {
  const client = new QueryClient();
  client.setQueryData(keys.detail(1), detail(1));
  client.setQueryData(keys.detail(2), detail(2, { running: true, status: 0 }));
  const sink = createEventSink(client);
  sink.receive({ kind: "exchanges" });
  expect(client.getQueryState(keys.detail(1))?.isInvalidated).toBe(false);
  expect(client.getQueryState(keys.detail(2))?.isInvalidated).toBe(true);
  sink.stop();
});

it("shows the running exchanges of an event, and lets those that ended go", () => {
  const client = new QueryClient();
  const sink = createEventSink(client);
  const shown = () => client.getQueryData<RunningExchange[]>(keys.running)?.map(({ id }) => id);
  sink.receive({ kind: "running", data: { exchanges: [exchange(7, { running: true, status: 0 })] } });
  expect(shown()).toEqual([7]);
  vi.advanceTimersByTime(lingerMs);
  sink.receive({ kind: "running", data: { exchanges: [] } });
  expect(shown()).toEqual([7]);
  vi.advanceTimersByTime(2 * lingerMs);
  expect(shown()).toEqual([]);
  sink.stop();
});
