// Drives the program with Ollama's SDK; see shared.mjs.
import { Ollama } from "ollama";
import { errors, key, pixel, place, question, refusal, root, run, target, weather, weatherResult } from "./shared.mjs";

const connect = (secret) => new Ollama({ host: root, headers: { Authorization: `Bearer ${secret}` } });
const client = connect(key);
const tools = [{ type: "function", function: { name: weather.name, description: weather.description, parameters: weather.schema } }];
const say = (content, more) => [{ role: "user", content, ...more }];

function summary(answer) {
  return {
    model: answer.model,
    text: answer.message.content,
    finish: answer.done_reason ?? "",
    calls: (answer.message.tool_calls ?? []).map((c, i) => ({ id: c.id ?? String(i), name: c.function.name, arguments: JSON.stringify(c.function.arguments) })),
    tokensIn: answer.prompt_eval_count ?? 0,
    tokensOut: answer.eval_count ?? 0,
  };
}

async function collect(stream) {
  const all = { text: "", calls: [], chunks: 0 };
  for await (const line of stream) {
    all.chunks++;
    const piece = summary(line);
    Object.assign(all, { ...piece, text: all.text + piece.text, calls: [...all.calls, ...piece.calls] });
  }
  return all;
}

const ask = (model, messages, more) => client.chat({ model, messages, ...more });

await run({
  list: async () => ({ ids: (await client.list()).models.map((m) => m.name) }),
  version: async () => client.version(),
  show: async () => client.show({ model: target.chat }),
  chat: async () => summary(await ask(target.chat, say("hello"))),
  stream: async () => collect(await ask(target.chat, say("hello"), { stream: true })),
  tools: async () => summary(await ask(target.tools, say(question), { tools })),
  parallelTools: async () => collect(await ask(target.tools, say(target.parallelAsk), { tools, stream: true })),
  async toolLoop() {
    const { message } = await ask(target.tools, say(target.parallelAsk), { tools });
    const results = message.tool_calls.map((c) => ({ role: "tool", tool_name: c.function.name, tool_call_id: c.id, content: weatherResult }));
    const last = await ask(target.tools, [...say(target.parallelAsk), message, ...results], { tools });
    return { ...summary(last), asked: message.tool_calls.length };
  },
  jsonSchema: async () => ({ parsed: JSON.parse((await ask(target.tools, say("Where and how warm?"), { format: place })).message.content) }),
  image: async () => summary(await ask(target.tools, say("What is this?", { images: [pixel().data] }))),
  async generate() {
    const answer = await client.generate({ model: target.chat, prompt: "hello" });
    return { text: answer.response, finish: answer.done_reason, model: answer.model };
  },
  async embed() {
    if (!target.embed) return { vectors: 0 };
    const { embeddings } = await client.embed({ model: target.embed, input: ["one", "two"] });
    return { vectors: embeddings.length, length: embeddings[0].length };
  },
  async cancel() {
    let chunks = 0;
    try {
      const stream = await ask(target.hang, say("hello"), { stream: true });
      for await (const _ of stream) {
        chunks++;
        stream.abort();
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
    return { chunks };
  },
  async errors() {
    const read = (error) => ({ status: error.status_code ?? 0 });
    return {
      "wrong key": await refusal(() => connect("wrong").list(), read),
      "unknown model": await refusal(() => ask("nobody/knows", say("hello")), read),
      "bad request": await refusal(() => ask(target.chat, "hello"), read),
      ...(await errors((model, stream) => ask(model, say("hello"), { stream }), read)),
    };
  },
});
