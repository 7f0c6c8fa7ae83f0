import { expect, it } from "vitest";
import { allExchanges } from "@/api/client";
import type { RunningExchange } from "@/api/running";
import { exchange } from "@/testing/samples";
import { termsOf, visibleRunning } from "./filter";

it.each([
  ["", []],
  ['"', []],
  ["Gemini 429", ["gemini", "429"]],
  ['"rate limit" qwen', ["rate limit", "qwen"]],
  ["“限流 了” 模型", ["限流 了", "模型"]],
  ['"not closed, goes on', ["not closed, goes on"]],
])("splits %j as the server does", (text, terms) => {
  expect(termsOf(text)).toEqual(terms);
});

it("shows the running requests that the filter selects", () => {
  const row = (id: number, of: object): RunningExchange => ({
    ...exchange(id, { running: true, status: 0, ...of }),
    readAt: 0,
  });
  const running = [row(1, { client: "zed", accountId: 7 }), row(2, { client: "curl", asked: "demo/slow" })];
  const shown = (of: object) => visibleRunning(running, { ...allExchanges, ...of }).map(({ id }) => id);
  expect(shown({})).toEqual([1, 2]);
  expect(shown({ client: "zed" })).toEqual([1]);
  expect(shown({ account: "7" })).toEqual([1]);
  expect(shown({ model: "demo/slow" })).toEqual([2]);
  expect(shown({ text: 'curl "demo/slow"' })).toEqual([2]);
  expect(shown({ text: "curl zed" })).toEqual([]);
  expect(shown({ class: "ok" })).toEqual([]);
});
