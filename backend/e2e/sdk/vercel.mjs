// Drives the program with the AI SDK's provider for OpenAI-compatible services;
// see shared.mjs.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import { errors, key, pixel, place, question, refusal, root, run, target, weather, weatherResult } from "./shared.mjs";

const connect = (apiKey) =>
  createOpenAICompatible({ name: "local", baseURL: `${root}/v1`, apiKey, includeUsage: true, supportsStructuredOutputs: true });
const client = connect(key);
const plain = { maxRetries: 0, onError: () => {} };
const bare = tool({ description: weather.description, inputSchema: jsonSchema(weather.schema) });

function summary(result) {
  return {
    model: result.response.modelId,
    text: result.text,
    finish: result.finishReason,
    calls: result.toolCalls.map((c) => ({ id: c.toolCallId, name: c.toolName, arguments: JSON.stringify(c.input) })),
    tokensIn: result.usage.inputTokens ?? 0,
    tokensOut: result.usage.outputTokens ?? 0,
  };
}

async function collect(result) {
  let chunks = 0;
  for await (const part of result.fullStream) {
    if (part.type === "error") throw part.error;
    chunks++;
  }
  const [response, text, finishReason, toolCalls, usage] = await Promise.all([
    result.response,
    result.text,
    result.finishReason,
    result.toolCalls,
    result.usage,
  ]);
  return { ...summary({ response, text, finishReason, toolCalls, usage }), chunks };
}

const ask = (model, prompt, more) => generateText({ model: client(model), prompt, maxRetries: 0, ...more });
const askStream = (model, prompt, more) => streamText({ model: client(model), prompt, ...plain, ...more });

await run({
  chat: async () => summary(await ask(target.chat, "hello")),
  stream: async () => collect(askStream(target.chat, "hello")),
  tools: async () => summary(await ask(target.tools, question, { tools: { [weather.name]: bare } })),
  parallelTools: async () => collect(askStream(target.tools, target.parallelAsk, { tools: { [weather.name]: bare } })),
  async toolLoop() {
    let asked = 0;
    const counted = tool({ ...bare, execute: () => (asked++, weatherResult) });
    const result = await ask(target.tools, target.parallelAsk, { tools: { [weather.name]: counted }, stopWhen: stepCountIs(3) });
    return { ...summary(result), asked };
  },
  async jsonSchema() {
    const output = Output.object({ schema: jsonSchema(place), name: "place" });
    return { parsed: (await ask(target.tools, "Where and how warm?", { output })).output };
  },
  async image() {
    const { mime, data } = pixel();
    const content = [{ type: "text", text: "What is this?" }, { type: "image", image: data, mediaType: mime }];
    return summary(await generateText({ model: client(target.tools), messages: [{ role: "user", content }], maxRetries: 0 }));
  },
  async embed() {
    if (!target.embed) return { vectors: 0 };
    const { embeddings } = await embedMany({ model: client.embeddingModel(target.embed), values: ["one", "two"], maxRetries: 0 });
    return { vectors: embeddings.length, length: embeddings[0].length };
  },
  async cancel() {
    const leaving = new AbortController();
    let chunks = 0;
    for await (const part of askStream(target.hang, "hello", { abortSignal: leaving.signal }).fullStream) {
      if (part.type !== "text-delta") continue;
      chunks++;
      leaving.abort();
    }
    return { chunks };
  },
  async errors() {
    const read = (error) => ({ status: error.statusCode ?? 0, retryAfter: error.responseHeaders?.["retry-after"] ?? "" });
    return {
      "wrong key": await refusal(() => generateText({ model: connect("wrong")(target.chat), prompt: "hello", maxRetries: 0 }), read),
      "unknown model": await refusal(() => ask("nobody/knows", "hello"), read),
      ...(await errors((model, stream) => (stream ? collect(askStream(model, "hello")) : ask(model, "hello")), read)),
    };
  },
});
