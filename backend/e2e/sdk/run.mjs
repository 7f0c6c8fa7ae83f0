// Drives the program at BASE_URL with the official OpenAI SDK for JavaScript and
// prints, as JSON, what the SDK saw. It judges nothing: the Go test that started
// it does. TARGET is the models to ask, as the Go test knows them.
import OpenAI from "openai";

const target = JSON.parse(process.env.TARGET);
const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather in a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  },
};
const say = (content) => [{ role: "user", content }];

// summary is what one whole completion said.
function summary(completion) {
  const [choice] = completion.choices;
  return {
    model: completion.model,
    text: choice.message.content ?? "",
    finish: choice.finish_reason,
    calls: choice.message.tool_calls ?? [],
    tokens: completion.usage?.total_tokens ?? 0,
  };
}

// collect reads a stream as it comes, and counts.
async function collect(stream) {
  const seen = { text: "", finish: null, chunks: 0, usageChunks: 0, tokens: 0, model: "" };
  for await (const chunk of stream) {
    seen.chunks++;
    seen.model = chunk.model;
    if (chunk.usage) {
      seen.usageChunks++;
      seen.tokens = chunk.usage.total_tokens;
    }
    const choice = chunk.choices[0];
    seen.text += choice?.delta?.content ?? "";
    seen.finish = choice?.finish_reason ?? seen.finish;
  }
  return seen;
}

// refusal is how the SDK classed an error.
async function refusal(call) {
  try {
    await call();
    return { type: "none" };
  } catch (error) {
    return {
      type: error.constructor.name,
      status: error.status ?? 0,
      message: error.message,
      code: error.code ?? "",
      retryAfter: error.headers?.get?.("retry-after") ?? "",
    };
  }
}

const scenarios = {
  async list() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids };
  },

  chat: async () => summary(await client.chat.completions.create({ model: target.chat, messages: say("hello") })),

  stream: async () => collect(await client.chat.completions.create({ model: target.chat, messages: say("hello"), stream: true })),

  streamWithUsage: async () =>
    collect(
      await client.chat.completions.create({
        model: target.chat,
        messages: say("hello"),
        stream: true,
        stream_options: { include_usage: true },
      }),
    ),

  tools: async () =>
    summary(await client.chat.completions.create({ model: target.tools, messages: say("What is the weather in Berlin?"), tools: [weather] })),

  // The SDK's own accumulator rejects calls that are not whole.
  async parallelTools() {
    const stream = client.chat.completions.stream({ model: target.tools, messages: say(target.parallelAsk), tools: [weather] });
    return summary(await stream.finalChatCompletion());
  },

  // The SDK runs the loop: it calls the function and sends its result back.
  async toolLoop() {
    const asked = [];
    const runner = client.chat.completions.runTools({
      model: target.tools,
      messages: say(target.parallelAsk),
      tools: [
        {
          type: "function",
          function: {
            ...weather.function,
            parse: JSON.parse,
            function: (input) => {
              asked.push(input);
              return "18 degrees, \"clear\"";
            },
          },
        },
      ],
    });
    return { text: await runner.finalContent(), asked: asked.length };
  },

  async jsonSchema() {
    const completion = await client.chat.completions.parse({
      model: target.tools,
      messages: say("Where and how warm?"),
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "place",
          strict: true,
          schema: {
            type: "object",
            properties: { city: { type: "string" }, celsius: { type: "integer" } },
            required: ["city", "celsius"],
            additionalProperties: false,
          },
        },
      },
    });
    return { parsed: JSON.parse(completion.choices[0].message.content) };
  },

  async image() {
    const content = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: target.pixel, detail: "low" } },
    ];
    return summary(await client.chat.completions.create({ model: target.tools, messages: [{ role: "user", content }] }));
  },

  async errors() {
    const found = {};
    for (const status of [401, 404, 429, 500]) {
      const call = (stream) => () =>
        client.chat.completions.create({ model: `${target.errors}${status}`, messages: say("hello"), stream });
      found[status] = await refusal(call(false));
      found[`${status} streamed`] = await refusal(call(true));
    }
    const stranger = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: "sk-wrong", maxRetries: 0 });
    found["wrong key"] = await refusal(() => stranger.models.list());
    found["unknown model"] = await refusal(() => client.chat.completions.create({ model: "nobody/knows", messages: say("hello") }));
    found["bad request"] = await refusal(() => client.chat.completions.create({ model: target.chat, messages: "hello" }));
    return found;
  },

  async cancel() {
    const { data: stream, response } = await client.chat.completions
      .create({ model: target.hang, messages: say("hello"), stream: true })
      .withResponse();
    let chunks = 0;
    for await (const _ of stream) {
      chunks++;
      stream.controller.abort();
    }
    return { chunks, id: response.headers.get("x-request-id") };
  },
};

const report = {};
for (const [name, run] of Object.entries(scenarios)) {
  try {
    report[name] = await run();
  } catch (error) {
    report[name] = { failure: `${error.constructor.name}: ${error.message}` };
  }
}
console.log(JSON.stringify(report));
