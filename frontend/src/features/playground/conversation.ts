// What was said in the Playground, and the request that it becomes.
import type { CallPart, Chunk, Usage } from "@/api/chat";

/** What a person asked. */
export interface Question {
  role: "user";
  id: number;
  text: string;
  /** Pictures as data URLs. */
  images: string[];
  /** How many pictures were too large to be kept. */
  lost: number;
}

/** One tool that the model wants called. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

/** What a model answered, or began to. */
export interface Answer {
  role: "assistant";
  id: number;
  model: string;
  text: string;
  thought: string;
  calls: ToolCall[];
  state: "running" | "done" | "stopped" | "failed";
  finish: string;
  error?: { status: number; message: string };
  usage?: Usage;
  firstMs?: number;
  totalMs?: number;
  /** The number of its row in Requests; 0 is unknown. */
  request: number;
}

/** What the tools gave, as a person says. */
export interface Results {
  role: "tool";
  id: number;
  results: { call: string; name: string; text: string }[];
}

export type Message = Question | Answer | Results;

/** One model and what was said with it. */
export interface Side {
  model: string;
  messages: Message[];
}

export const efforts = ["", "none", "minimal", "low", "medium", "high"] as const;

/** The parameters as they were typed; "" leaves one to the service. */
export interface Options {
  temperature: string;
  topP: string;
  maxTokens: string;
  effort: (typeof efforts)[number];
  schema: string;
  tools: string;
}

/** All that the Playground is. */
export interface Chat {
  system: string;
  options: Options;
  /** One, or two to compare. */
  sides: Side[];
  /** The id of the next message. */
  next: number;
}

export function freshChat(): Chat {
  return {
    system: "",
    options: { temperature: "", topP: "", maxTokens: "", effort: "", schema: "", tools: "" },
    sides: [{ model: "", messages: [] }],
    next: 1,
  };
}

function numberIn(text: string, from: number, to: number, whole = false): boolean {
  if (text === "") return true;
  const value = Number(text);
  return Number.isFinite(value) && value >= from && value <= to && (!whole || Number.isInteger(value));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A list of functions, or of tools as OpenAI wraps them. */
function toolsOf(text: string): Record<string, unknown>[] | undefined {
  const value = parsed(text);
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const tools = list.map((tool) => {
    if (!isObject(tool)) return undefined;
    if (isObject(tool.function) && typeof tool.function.name === "string") return tool;
    return typeof tool.name === "string" ? { type: "function", function: tool } : undefined;
  });
  return tools.every((tool) => tool !== undefined) ? tools : undefined;
}

export type OptionProblem = "range" | "whole" | "json" | "schema" | "tools";

/** What is wrong with the parameters, by their names. */
export function problemsOf(options: Options): Partial<Record<keyof Options, OptionProblem>> {
  const problems: Partial<Record<keyof Options, OptionProblem>> = {};
  if (!numberIn(options.temperature, 0, 2)) problems.temperature = "range";
  if (!numberIn(options.topP, 0, 1)) problems.topP = "range";
  if (!numberIn(options.maxTokens, 1, 10_000_000, true)) problems.maxTokens = "whole";
  if (options.schema !== "" && !isObject(parsed(options.schema))) {
    problems.schema = parsed(options.schema) === undefined ? "json" : "schema";
  }
  if (options.tools !== "" && !toolsOf(options.tools)) {
    problems.tools = parsed(options.tools) === undefined ? "json" : "tools";
  }
  return problems;
}

function optionsBody(options: Options): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (options.temperature) body.temperature = Number(options.temperature);
  if (options.topP) body.top_p = Number(options.topP);
  if (options.maxTokens) body.max_tokens = Number(options.maxTokens);
  if (options.effort) body.reasoning_effort = options.effort;
  if (options.schema) {
    const schema = parsed(options.schema);
    const json_schema = isObject(schema) && isObject(schema.schema) ? schema : { name: "answer", schema };
    body.response_format = { type: "json_schema", json_schema };
  }
  if (options.tools) body.tools = toolsOf(options.tools);
  return body;
}

function questionBody({ text, images }: Question) {
  if (images.length === 0) return { role: "user", content: text };
  const parts = images.map((url) => ({ type: "image_url", image_url: { url } }));
  return { role: "user", content: text === "" ? parts : [{ type: "text", text }, ...parts] };
}

/** An answer as the model reads it again. Calls that nobody answered are left out: services refuse them. */
function answerBody({ text, calls }: Answer, answered: boolean) {
  if (calls.length > 0 && answered) {
    const tool_calls = calls.map(({ id, name, arguments: given }) => ({
      id,
      type: "function",
      function: { name, arguments: given },
    }));
    return [{ role: "assistant", content: text === "" ? null : text, tool_calls }];
  }
  return text === "" ? [] : [{ role: "assistant", content: text }];
}

/** The request that asks a side's model for what comes next. */
export function requestBody(chat: Chat, side: Side): Record<string, unknown> {
  const messages: unknown[] = chat.system.trim() ? [{ role: "system", content: chat.system }] : [];
  side.messages.forEach((message, at) => {
    switch (message.role) {
      case "user":
        messages.push(questionBody(message));
        return;
      case "assistant":
        messages.push(...answerBody(message, side.messages[at + 1]?.role === "tool"));
        return;
      case "tool":
        for (const { call, text } of message.results) {
          messages.push({ role: "tool", tool_call_id: call, content: text });
        }
    }
  });
  const body = { model: side.model, stream: true, stream_options: { include_usage: true }, messages };
  return { ...body, ...optionsBody(chat.options) };
}

function withCall(calls: ToolCall[], part: CallPart): ToolCall[] {
  const grown = [...calls];
  const before = grown[part.index] ?? { id: "", name: "", arguments: "" };
  grown[part.index] = {
    id: before.id || part.id || `call_${part.index}`,
    name: before.name + part.name,
    arguments: before.arguments + part.arguments,
  };
  // An index that was jumped over is a call that never came.
  return Array.from(grown, (one) => (one as ToolCall | undefined) ?? { id: "", name: "", arguments: "" });
}

/** An answer and what came of it since. */
export function grown(answer: Answer, chunk: Chunk): Answer {
  const next = { ...answer, text: answer.text + chunk.text, thought: answer.thought + chunk.thought };
  for (const part of chunk.calls) next.calls = withCall(next.calls, part);
  if (chunk.finish) next.finish = chunk.finish;
  if (chunk.usage) next.usage = chunk.usage;
  if (chunk.error) next.error = { status: chunk.error.status, message: chunk.error.message };
  return next;
}

/** The command that asks the same of the port; a shell puts the key in. */
export function curlCommand(baseUrl: string, body: Record<string, unknown>): string {
  const data = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  return [
    `curl -N ${baseUrl}/chat/completions`,
    `-H "Content-Type: application/json"`,
    `-H "Authorization: Bearer $OPENAI_API_KEY"`,
    `-d '${data}'`,
  ].join(" \\\n  ");
}
