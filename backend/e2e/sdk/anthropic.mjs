// Drives the program with Anthropic's SDK; see shared.mjs.
import Anthropic from "@anthropic-ai/sdk";
import { errors, key, pixel, place, question, refusal, root, run, target, weather, weatherResult } from "./shared.mjs";

const client = new Anthropic({ baseURL: root, apiKey: key, maxRetries: 0 });
const limit = { max_tokens: 1024 };
const tools = [{ name: weather.name, description: weather.description, input_schema: weather.schema }];
const say = (content) => [{ role: "user", content }];

function summary(message) {
  return {
    model: message.model,
    text: message.content.filter((b) => b.type === "text").map((b) => b.text).join(""),
    finish: message.stop_reason,
    calls: message.content.filter((b) => b.type === "tool_use").map((b) => ({ id: b.id, name: b.name, arguments: JSON.stringify(b.input) })),
    tokensIn: message.usage.input_tokens,
    tokensOut: message.usage.output_tokens,
  };
}

const ask = (model, messages, more) => client.messages.create({ model, messages, ...limit, ...more });

await run({
  async list() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids };
  },
  chat: async () => summary(await ask(target.chat, say("hello"))),
  async stream() {
    let events = 0;
    const stream = client.messages.stream({ model: target.chat, messages: say("hello"), ...limit }).on("streamEvent", () => events++);
    return { ...summary(await stream.finalMessage()), chunks: events };
  },
  tools: async () => summary(await ask(target.tools, say(question), { tools })),
  parallelTools: async () =>
    summary(await client.messages.stream({ model: target.tools, messages: say(target.parallelAsk), tools, ...limit }).finalMessage()),
  async toolLoop() {
    const first = await ask(target.tools, say(target.parallelAsk), { tools });
    const uses = first.content.filter((b) => b.type === "tool_use");
    const results = uses.map((b) => ({ type: "tool_result", tool_use_id: b.id, content: weatherResult }));
    const messages = [...say(target.parallelAsk), { role: "assistant", content: first.content }, { role: "user", content: results }];
    return { ...summary(await ask(target.tools, messages, { tools })), asked: uses.length };
  },
  async jsonSchema() {
    const format = { type: "json_schema", schema: place };
    const message = await ask(target.tools, say("Where and how warm?"), { output_config: { format } });
    return { parsed: JSON.parse(summary(message).text) };
  },
  async image() {
    const { mime, data } = pixel();
    const source = { type: "base64", media_type: mime, data };
    return summary(await ask(target.tools, say([{ type: "text", text: "What is this?" }, { type: "image", source }])));
  },
  count: async () => ({ tokens: (await client.messages.countTokens({ model: target.chat, messages: say("hello") })).input_tokens }),
  async cancel() {
    const stream = await client.messages.create({ model: target.hang, messages: say("hello"), stream: true, ...limit });
    let chunks = 0;
    for await (const event of stream) {
      if (event.type !== "content_block_delta") continue;
      chunks++;
      stream.controller.abort();
    }
    return { chunks };
  },
  async errors() {
    const read = (error) => ({ status: error.status, code: error.error?.error?.type ?? "", retryAfter: error.headers?.get("retry-after") ?? "" });
    const stranger = new Anthropic({ baseURL: root, apiKey: "sk-wrong", maxRetries: 0 });
    return {
      "wrong key": await refusal(() => stranger.models.list(), read),
      "unknown model": await refusal(() => ask("nobody/knows", say("hello")), read),
      "bad request": await refusal(() => ask(target.chat, "hello"), read),
      ...(await errors((model, stream) => ask(model, say("hello"), { stream }), read)),
    };
  },
});
