import { expect, it } from "vitest";
import { gistOf, readEvents } from "./events";

const sse = (response: string, pieces: { end: number; ms: number }[] = []) =>
  readEvents({ response, responseType: "text/event-stream; charset=utf-8", pieces }) ?? [];

const gist = (data: unknown, name = "") =>
  gistOf({
    name,
    data: typeof data === "string" ? data : JSON.stringify(data),
    comment: false,
    ms: undefined,
  });

it("gives each event the time of the piece in which it ends, counted in bytes", () => {
  const one = 'data: {"a":"模型"}\n\n';
  const length = new TextEncoder().encode(one).length;
  const events = sse(`${one}data: x\n\n: alive\n\nevent: end\ndata: 1\ndata: 2\n\n`, [
    { end: length, ms: 10 },
    { end: length + 4, ms: 20 },
    { end: length + 9, ms: 30 },
    { end: length + 200, ms: 40 },
  ]);
  expect(events).toEqual([
    { name: "", data: '{"a":"模型"}', comment: false, ms: 10 },
    { name: "", data: "x", comment: false, ms: 30 },
    { name: "", data: "alive", comment: true, ms: 40 },
    { name: "end", data: "1\n2", comment: false, ms: 40 },
  ]);
});

it("reads the other line ends, and an answer that was cut", () => {
  expect(sse("data: a\r\n\r\ndata: b\r\n\r\ndata: cu").map(({ data }) => data)).toEqual(["a", "b", "cu"]);
  expect(sse("data: a\n\n")[0]?.ms).toBeUndefined();
});

it("reads lines of JSON, and nothing else", () => {
  const lines = { response: '{"response":"a"}\n\n{"done":true}\n', pieces: [{ end: 17, ms: 5 }] };
  expect(
    readEvents({ ...lines, responseType: "application/x-ndjson" })?.map(({ data, ms }) => [data, ms]),
  ).toEqual([
    ['{"response":"a"}', 5],
    ['{"done":true}', 5],
  ]);
  expect(readEvents({ ...lines, responseType: "application/json" })).toBeUndefined();
});

it.each([
  [{ choices: [{ delta: { role: "assistant", content: "" } }] }, "role"],
  [{ choices: [{ delta: { content: "Hello" } }] }, "content", "Hello"],
  [{ choices: [{ delta: { reasoning_content: "hm" } }] }, "reasoning_content", "hm"],
  [
    { choices: [{ delta: { tool_calls: [{ function: { name: "read", arguments: "{}" } }] } }] },
    "tool_calls",
    "read {}",
  ],
  [{ choices: [{ delta: {}, finish_reason: "stop" }] }, "finish_reason", "stop"],
  [{ choices: [], usage: { total_tokens: 3 } }, "usage"],
  [{ type: "content_block_delta", delta: { type: "text_delta", text: "Hi" } }, "content_block_delta", "Hi"],
  [{ type: "response.output_text.delta", delta: "Hi" }, "response.output_text.delta", "Hi"],
  [{ message: { role: "assistant", content: "Hi" }, done: false }, "content", "Hi"],
  [{ candidates: [{ content: { parts: [{ text: "Hi" }] } }] }, "text", "Hi"],
  [{ error: { message: "no" } }, "error"],
  [{ unheard: 1 }, "–", '{"unheard":1}'],
  ["[DONE]", "[DONE]", ""],
  ["plain", "–", "plain"],
] as const)("says what %j is", (data, type, text?: string) => {
  const got = gist(data);
  expect(got.type).toBe(type);
  if (text !== undefined) expect(got.text).toBe(text);
});
