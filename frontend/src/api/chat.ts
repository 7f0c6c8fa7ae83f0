// Questions to a model through the program itself, as the Playground asks them:
// a chat completion of OpenAI's that streams. No key is needed, and none is here.
import { onDesktopEvent } from "@/desktop/desktop";
import { call } from "./client";

/** A part of a tool call; the parts of one call have its index. */
export interface CallPart {
  index: number;
  id: string;
  name: string;
  arguments: string;
}

/** The tokens of an answer; what a service does not tell is undefined. */
export interface Usage {
  in: number | undefined;
  out: number | undefined;
  cached: number | undefined;
  reasoning: number | undefined;
}

/** What one line of an answer brought. */
export interface Chunk {
  text: string;
  thought: string;
  calls: CallPart[];
  finish: string;
  usage: Usage | undefined;
  error: ChatError | undefined;
}

/** Why there is no answer, in the words of the program or of the service behind it. */
export class ChatError extends Error {
  /** The HTTP status; 0 when no answer came, 200 when it broke off. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ChatError";
    this.status = status;
  }
}

interface WireCall {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}

interface WireChunk {
  choices?: {
    delta?: {
      content?: string | null;
      reasoning_content?: string | null;
      reasoning?: string | null;
      tool_calls?: WireCall[] | null;
    };
    finish_reason?: string | null;
  }[];
  usage?: {
    prompt_tokens?: number;
    completion_tokens?: number;
    prompt_tokens_details?: { cached_tokens?: number } | null;
    completion_tokens_details?: { reasoning_tokens?: number } | null;
  } | null;
  error?: { message?: string } | null;
  detail?: string;
}

function callPart({ index = 0, id = "", function: called }: WireCall): CallPart {
  return { index, id, name: called?.name ?? "", arguments: called?.arguments ?? "" };
}

/** Reads one line of the stream; undefined is a line that brings nothing. */
export function readLine(line: string): Chunk | undefined {
  if (!line.startsWith("data:")) return undefined;
  const data = line.slice("data:".length).trim();
  if (data === "[DONE]" || data === "") return undefined;
  let wire: WireChunk;
  try {
    wire = JSON.parse(data) as WireChunk;
  } catch {
    return undefined; // Half a line of a stream that broke off.
  }
  const choice = wire.choices?.[0];
  const delta = choice?.delta;
  const { usage } = wire;
  return {
    text: delta?.content ?? "",
    thought: delta?.reasoning_content ?? delta?.reasoning ?? "",
    calls: (delta?.tool_calls ?? []).map(callPart),
    finish: choice?.finish_reason ?? "",
    usage: usage
      ? {
          in: usage.prompt_tokens,
          out: usage.completion_tokens,
          cached: usage.prompt_tokens_details?.cached_tokens,
          reasoning: usage.completion_tokens_details?.reasoning_tokens,
        }
      : undefined,
    error: wire.error ? new ChatError(200, wire.error.message ?? "") : undefined,
  };
}

async function refusal(response: Response): Promise<ChatError> {
  let said: WireChunk = {};
  try {
    said = (await response.json()) as WireChunk;
  } catch {
    // A proxy in between may answer with something else than JSON.
  }
  return new ChatError(response.status, said.error?.message ?? said.detail ?? `HTTP ${response.status}`);
}

interface Piece {
  run: string;
  from: number;
  lines: string[];
}

interface Asking {
  body: unknown;
  /** Ends the answer, here and at the service. */
  signal: AbortSignal;
  /** Is told the number of the request in the log; 0 is unknown. */
  onRequest: (id: number) => void;
  onChunk: (chunk: Chunk) => void;
}

/** Gives the lines of a body as they come. */
async function eachLine(body: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
  if (rest) onLine(rest);
}

/**
 * Asks, and tells what comes; throws a ChatError, or what aborted it. A window
 * may hand the answer over only when it is whole: there its lines come as events
 * too, and each is taken from whoever brings it first.
 */
export async function askModel({ body, signal, onRequest, onChunk }: Asking): Promise<void> {
  const run = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  let taken = 0;
  const take = (from: number, lines: readonly string[]) => {
    if (from > taken) return; // What is missing stands in the answer.
    for (const line of lines.slice(taken - from)) {
      taken++;
      const chunk = readLine(line.trimEnd());
      if (chunk) onChunk(chunk);
    }
  };
  const unsubscribe = onDesktopEvent(({ kind, data }) => {
    if (kind !== "piece" || signal.aborted) return;
    const piece = data as Piece;
    if (piece.run === run) take(piece.from, piece.lines);
  });
  // Giving a call up ends it in a browser alone.
  const stop = () => void call("DELETE", `/playground/${run}`).catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const response = await fetch(`/api/playground/${run}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "openaicompatible" },
      credentials: "same-origin",
      cache: "no-store",
      body: JSON.stringify(body),
      signal,
    });
    onRequest(Number(response.headers.get("X-Request-Id")) || 0);
    if (!response.ok) throw await refusal(response);
    let seen = 0;
    if (response.body)
      await eachLine(response.body, (line) => {
        take(seen++, [line]);
      });
  } catch (cause) {
    if (signal.aborted || cause instanceof ChatError) throw cause;
    throw new ChatError(0, cause instanceof Error ? cause.message : String(cause));
  } finally {
    unsubscribe?.();
    signal.removeEventListener("abort", stop);
  }
}
