// Drives the program with Google's SDK; see shared.mjs.
import { GoogleGenAI } from "@google/genai";
import { errors, key, pixel, place, question, refusal, root, run, target, weather, weatherResult } from "./shared.mjs";

const connect = (apiKey) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: root, apiVersion: process.env.API_VERSION ?? "v1beta" } });
const client = connect(key);
const tools = [{ functionDeclarations: [{ name: weather.name, description: weather.description, parametersJsonSchema: weather.schema }] }];
const said = (text) => [{ role: "user", parts: [{ text }] }];

function summary(response) {
  const [candidate] = response.candidates;
  const parts = candidate.content?.parts ?? [];
  return {
    model: response.modelVersion ?? "",
    text: parts.filter((p) => p.text && !p.thought).map((p) => p.text).join(""),
    finish: candidate.finishReason,
    calls: parts.filter((p) => p.functionCall).map(({ functionCall: f }) => ({ id: f.id ?? "", name: f.name, arguments: JSON.stringify(f.args) })),
    tokensIn: response.usageMetadata?.promptTokenCount ?? 0,
    tokensOut: response.usageMetadata?.candidatesTokenCount ?? 0,
  };
}

// collect joins what came in pieces.
async function collect(stream) {
  const all = { text: "", calls: [], chunks: 0, finish: "", model: "", tokensIn: 0, tokensOut: 0 };
  for await (const chunk of stream) {
    all.chunks++;
    const piece = summary(chunk);
    all.text += piece.text;
    all.calls.push(...piece.calls);
    all.finish = piece.finish ?? all.finish;
    all.model = piece.model || all.model;
    all.tokensIn = piece.tokensIn || all.tokensIn;
    all.tokensOut = piece.tokensOut || all.tokensOut;
  }
  return all;
}

const ask = (model, contents, config) => client.models.generateContent({ model, contents, config });
const askStream = (model, contents, config) => client.models.generateContentStream({ model, contents, config });

await run({
  async list() {
    const ids = [];
    for await (const model of await client.models.list()) ids.push(model.name.replace(/^models\//, ""));
    return { ids };
  },
  chat: async () => summary(await ask(target.chat, "hello")),
  stream: async () => collect(await askStream(target.chat, "hello")),
  tools: async () => summary(await ask(target.tools, question, { tools })),
  parallelTools: async () => collect(await askStream(target.tools, target.parallelAsk, { tools })),
  async toolLoop() {
    const first = await ask(target.tools, target.parallelAsk, { tools });
    const { content } = first.candidates[0];
    const calls = content.parts.filter((p) => p.functionCall);
    const results = calls.map(({ functionCall: f }) => ({ functionResponse: { id: f.id, name: f.name, response: { output: weatherResult } } }));
    const contents = [...said(target.parallelAsk), content, { role: "user", parts: results }];
    return { ...summary(await ask(target.tools, contents, { tools })), asked: calls.length };
  },
  async jsonSchema() {
    const config = { responseMimeType: "application/json", responseJsonSchema: place };
    return { parsed: JSON.parse(summary(await ask(target.tools, "Where and how warm?", config)).text) };
  },
  async image() {
    const { mime, data } = pixel();
    return summary(await ask(target.tools, [{ role: "user", parts: [{ text: "What is this?" }, { inlineData: { mimeType: mime, data } }] }]));
  },
  count: async () => ({ tokens: (await client.models.countTokens({ model: target.chat, contents: "hello" })).totalTokens }),
  async embed() {
    if (!target.embed) return { vectors: 0 };
    const { embeddings } = await client.models.embedContent({ model: target.embed, contents: ["one", "two"] });
    return { vectors: embeddings.length, length: embeddings[0].values.length };
  },
  async cancel() {
    const leaving = new AbortController();
    let chunks = 0;
    try {
      for await (const _ of await askStream(target.hang, "hello", { abortSignal: leaving.signal })) {
        chunks++;
        leaving.abort();
      }
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
    }
    return { chunks };
  },
  async errors() {
    const stranger = connect("wrong");
    return {
      "wrong key": await refusal(() => stranger.models.generateContent({ model: target.chat, contents: "hello" })),
      "unknown model": await refusal(() => ask("nobody/knows", "hello")),
      "bad request": await refusal(() => ask(target.chat, [{ role: "user", parts: "hello" }])),
      ...(await errors((model, stream) => (stream ? askStream : ask)(model, "hello"))),
    };
  },
});
