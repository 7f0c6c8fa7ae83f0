import { expect, test } from "vitest";
import { freshChat, problemsOf, requestBody, type Answer, type Chat } from "./conversation";
import { packed } from "./keep";

const answer: Answer = {
  role: "assistant",
  id: 2,
  model: "m",
  text: "",
  thought: "hm",
  calls: [{ id: "c1", name: "time", arguments: "{}" }],
  state: "done",
  finish: "tool_calls",
  request: 1,
};

function chatWith(change: Partial<Chat>): Chat {
  return { ...freshChat(), ...change };
}

test("parameters are sent when they are given, and checked", () => {
  const options = {
    ...freshChat().options,
    temperature: "0.5",
    tools: '{"name":"time"}',
    schema: '{"type":"object"}',
  };
  expect(problemsOf(options)).toEqual({});
  const body = requestBody(chatWith({ options, system: "Be brief" }), { model: "m", messages: [] });
  expect(body).toMatchObject({
    model: "m",
    stream: true,
    temperature: 0.5,
    tools: [{ type: "function", function: { name: "time" } }],
    response_format: { type: "json_schema", json_schema: { name: "answer" } },
    messages: [{ role: "system", content: "Be brief" }],
  });
  expect(body).not.toHaveProperty("top_p");
  expect(problemsOf({ ...options, temperature: "3", maxTokens: "1.5", tools: "[1", schema: "[]" })).toEqual({
    temperature: "range",
    maxTokens: "whole",
    tools: "json",
    schema: "schema",
  });
});

test("calls go back with their results, and are left out without", () => {
  const chat = freshChat();
  const question = {
    role: "user",
    id: 1,
    text: "When?",
    images: ["data:image/png;base64,AA=="],
    lost: 0,
  } as const;
  const asked = [{ ...question, images: [...question.images] }, answer];
  expect(requestBody(chat, { model: "m", messages: asked }).messages).toHaveLength(1);
  const results = [{ call: "c1", name: "time", text: "noon" }];
  const given = requestBody(chat, { model: "m", messages: [...asked, { role: "tool", id: 3, results }] });
  expect(given.messages).toMatchObject([
    { role: "user", content: [{ type: "text" }, { type: "image_url" }] },
    { role: "assistant", content: null, tool_calls: [{ id: "c1" }] },
    { role: "tool", tool_call_id: "c1", content: "noon" },
  ]);
});

test("what is too long to keep loses its pictures first, then its beginning", () => {
  const ask = (id: number, text: string) => ({
    role: "user" as const,
    id,
    text,
    images: ["x".repeat(900)],
    lost: 0,
  });
  const chat = chatWith({ sides: [{ model: "m", messages: [ask(1, "first"), ask(2, "second")] }] });
  const light = packed(chat, 800);
  expect(light).toContain("first");
  expect(light).toContain('"lost":1');
  const short = packed(chat, 240);
  expect(short).not.toContain("first");
  expect(short.length).toBeLessThanOrEqual(240);
});
