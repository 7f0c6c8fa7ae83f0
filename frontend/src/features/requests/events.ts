// The events of a kept answer, each with when it left.
import type { ExchangeBody } from "@/api/types";

/** One event of a stream, or one line of lines of JSON. */
export interface StreamEvent {
  /** The name that the stream gives it; "" is none. */
  name: string;
  /** What it carries; of a comment, its text. */
  data: string;
  comment: boolean;
  /** When it left, from the exchange's start; undefined where that was not recorded. */
  ms: number | undefined;
}

const blank = /\r\n\r\n|\n\n|\r\r/g;
const newline = /\r?\n/g;

/** The events of an answer; undefined when it was no stream. */
export function readEvents({
  response,
  responseType,
  pieces,
}: Pick<ExchangeBody, "response" | "responseType" | "pieces">): StreamEvent[] | undefined {
  const kind = responseType.split(";")[0]?.trim().toLowerCase();
  const lines = kind === "application/x-ndjson" || kind === "application/jsonl";
  if (!lines && kind !== "text/event-stream") return undefined;
  const encoder = new TextEncoder();
  const events: StreamEvent[] = [];
  let [bytes, piece] = [0, 0];
  for (const block of blocks(response, lines ? newline : blank)) {
    bytes += encoder.encode(block).length;
    // An event left with the piece in which it ends.
    while (piece < pieces.length && (pieces[piece]?.end ?? 0) < bytes) piece++;
    const ms = (pieces[piece] ?? pieces.at(-1))?.ms;
    const read = lines ? { name: "", data: block.trim(), comment: false } : readBlock(block);
    if (read.data !== "" || read.name !== "") events.push({ ...read, ms });
  }
  return events;
}

/** A text cut behind each end, so that nothing of it is lost. */
function* blocks(text: string, end: RegExp): Generator<string> {
  let from = 0;
  for (const { index, 0: found } of text.matchAll(end)) {
    yield text.slice(from, index + found.length);
    from = index + found.length;
  }
  if (from < text.length) yield text.slice(from);
}

function readBlock(block: string): Omit<StreamEvent, "ms"> {
  const data: string[] = [];
  const comments: string[] = [];
  let name = "";
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (colon === 0) comments.push(value);
    else if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  const comment = data.length === 0 && name === "";
  return { name, data: (comment ? comments : data).join("\n"), comment };
}

/** What an event is in a word, and what it brings. */
export interface Gist {
  type: string;
  text: string;
}

const clip = 200;

type Json = Record<string, unknown>;

const object = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const first = (value: unknown): Json => object(Array.isArray(value) ? value[0] : undefined);
const string = (value: unknown): string => (typeof value === "string" ? value : "");

/** The gist of an event of any protocol: where it is not known, its first characters. */
export function gistOf({ name, data, comment }: StreamEvent): Gist {
  if (comment) return { type: ":", text: data.slice(0, clip) };
  let json: Json;
  try {
    json = object(JSON.parse(data));
  } catch {
    return data === "[DONE]" ? { type: data, text: "" } : { type: name || "–", text: data.slice(0, clip) };
  }
  const choice = first(json.choices);
  // Where protocols put what an event brings: a chunk of a chat, a whole message, a candidate.
  const places = [
    json,
    object(json.message),
    object(json.delta),
    choice,
    object(choice.delta),
    first(object(first(json.candidates).content).parts),
  ];
  const call = object(first(object(choice.delta).tool_calls).function);
  const type = name || string(json.type) || typeKeys.find((key) => places.some((place) => says(place[key])));
  const said = textKeys
    .flatMap((key) => places.map((place) => string(place[key])))
    .find((text) => text !== "");
  const text = said ?? [call.name, call.arguments].map(string).join(" ").trim();
  return { type: type ?? "–", text: (text || data).slice(0, clip) };
}

const textKeys = [
  "content",
  "text",
  "reasoning_content",
  "reasoning",
  "thinking",
  "partial_json",
  "response",
  "delta",
  "finish_reason",
];

/** The members that say what an event is, the most telling first. */
const typeKeys = [
  "error",
  "tool_calls",
  "functionCall",
  "reasoning_content",
  "reasoning",
  "thinking",
  "content",
  "text",
  "response",
  "finish_reason",
  "usage",
  "usageMetadata",
  "role",
  "done",
];

function says(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "";
}
