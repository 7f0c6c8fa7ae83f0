// The conversation while it goes on. It outlives its page: an answer comes in
// while a person looks at another one.
import { askModel, ChatError, type Chunk } from "@/api/chat";
import {
  grown,
  requestBody,
  type Answer,
  type Chat,
  type Message,
  type Options,
  type Results,
  type Side,
} from "./conversation";
import { keep, recall } from "./keep";

/** Nobody reads faster, and each drawing reads the answer anew. */
const drawPauseMs = 40;
const keepPauseMs = 500;

interface Asked {
  text: string;
  images: string[];
}

/** A conversation with one model, or with two side by side. */
export class Talk {
  #chat: Chat;
  #shown: Chat;
  readonly #storage: Storage;
  readonly #followers = new Set<() => void>();
  readonly #runs = new Map<number, AbortController>();
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #keeping = false;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#chat = recall(storage);
    this.#shown = this.#chat;
    window.addEventListener("pagehide", () => {
      keep(storage, this.#chat);
    });
  }

  readonly subscribe = (follow: () => void): (() => void) => {
    this.#followers.add(follow);
    return () => this.#followers.delete(follow);
  };

  /** What is to be seen: the same until the followers are told. */
  readonly snapshot = (): Chat => this.#shown;

  setModel(at: number, model: string): void {
    this.#setSides(this.#chat.sides.map((side, index) => (index === at ? { ...side, model } : side)));
  }

  setSystem(system: string): void {
    this.#set({ ...this.#chat, system });
  }

  setOptions(change: Partial<Options>): void {
    this.#set({ ...this.#chat, options: { ...this.#chat.options, ...change } });
  }

  /** Puts a second model beside the first, which knows what was said: from now on both are asked. */
  compare(model: string): void {
    const [first] = this.#chat.sides;
    if (!first) return;
    const said = first.messages.filter(
      (message) => message.role !== "assistant" || message.state !== "running",
    );
    this.#setSides([first, { model, messages: said }]);
  }

  /** Goes on with one of two. */
  close(at: number): void {
    this.stop(at);
    this.#setSides(this.#chat.sides.filter((_side, index) => index !== at));
  }

  /** Asks every side. */
  send(asked: Asked): void {
    const question: Message = { role: "user", id: this.#id(), lost: 0, ...asked };
    this.#setSides(this.#chat.sides.map((side) => ({ ...side, messages: [...side.messages, question] })));
    this.#chat.sides.forEach((_side, at) => void this.#answer(at));
  }

  /** Asks a question anew, in other words, at every side that has it; what came after it is gone. */
  resend(id: number, asked: Asked): void {
    const at = this.#chat.sides.flatMap(({ messages }, index) =>
      messages.some((message) => message.id === id) ? [index] : [],
    );
    at.forEach((index) => {
      this.stop(index);
    });
    const question: Message = { role: "user", id: this.#id(), lost: 0, ...asked };
    for (const index of at) {
      this.#change(index, (messages) => [...messages.slice(0, indexOf(messages, id)), question]);
      void this.#answer(index);
    }
  }

  /** Has one side answer again; its former answer and what came after it are gone. */
  regenerate(at: number, id: number): void {
    this.stop(at);
    this.#change(at, (messages) => messages.slice(0, indexOf(messages, id)));
    void this.#answer(at);
  }

  /** Gives one side what its tools gave, and goes on. */
  giveResults(at: number, results: Results["results"]): void {
    const given: Message = { role: "tool", id: this.#id(), results };
    this.#change(at, (messages) => [...messages, given]);
    void this.#answer(at);
  }

  /** Ends what is under way: at one side, or everywhere. */
  stop(at?: number): void {
    const sides = at === undefined ? this.#chat.sides : this.#chat.sides.slice(at, at + 1);
    for (const { messages } of sides) {
      for (const { id } of messages) this.#runs.get(id)?.abort();
    }
  }

  /** Forgets what was said; models and parameters stay. */
  clear(): void {
    this.stop();
    const sides = this.#chat.sides.map((side) => ({ ...side, messages: [] }));
    this.#set({ ...this.#chat, sides });
  }

  #id(): number {
    const { next } = this.#chat;
    this.#chat = { ...this.#chat, next: next + 1 };
    return next;
  }

  async #answer(at: number): Promise<void> {
    const side = this.#chat.sides[at];
    if (!side) return;
    const body = requestBody(this.#chat, side);
    const id = this.#id();
    const begun = performance.now();
    const since = () => performance.now() - begun;
    const empty: Answer = {
      role: "assistant",
      id,
      model: side.model,
      text: "",
      thought: "",
      calls: [],
      state: "running",
      finish: "",
      request: 0,
    };
    const abort = new AbortController();
    this.#runs.set(id, abort);
    this.#change(at, (messages) => [...messages, empty]);
    const onChunk = (chunk: Chunk) => {
      if (abort.signal.aborted) return;
      const isFirst = chunk.text !== "" || chunk.thought !== "" || chunk.calls.length > 0;
      this.#amend(id, (answer) => ({
        ...grown(answer, chunk),
        ...(isFirst && answer.firstMs === undefined ? { firstMs: since() } : {}),
      }));
    };
    const onRequest = (request: number) => {
      this.#amend(id, (answer) => ({ ...answer, request }));
    };
    let end: Partial<Answer> = {};
    try {
      await askModel({ body, signal: abort.signal, onRequest, onChunk });
    } catch (cause) {
      if (!abort.signal.aborted) end = failure(cause);
    }
    this.#runs.delete(id);
    this.#amend(id, (answer) => ({
      ...answer,
      ...end,
      state: abort.signal.aborted ? "stopped" : (end.error ?? answer.error) ? "failed" : "done",
      totalMs: since(),
    }));
    this.#draw();
  }

  #change(at: number, change: (messages: Message[]) => Message[]): void {
    this.#setSides(
      this.#chat.sides.map((side, index) =>
        index === at ? { ...side, messages: change(side.messages) } : side,
      ),
    );
  }

  /** Changes an answer that comes in, wherever it stands; it may be gone. */
  #amend(id: number, change: (answer: Answer) => Answer): void {
    const amended = (message: Message) =>
      message.role === "assistant" && message.id === id ? change(message) : message;
    this.#chat = {
      ...this.#chat,
      sides: this.#chat.sides.map((side) => ({ ...side, messages: side.messages.map(amended) })),
    };
    this.#drawing ??= setTimeout(() => {
      this.#draw();
    }, drawPauseMs);
  }

  #setSides(sides: Side[]): void {
    this.#set({ ...this.#chat, sides });
  }

  #set(chat: Chat): void {
    this.#chat = chat;
    this.#draw();
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#shown = this.#chat;
    for (const follow of this.#followers) follow();
    if (this.#keeping) return;
    this.#keeping = true;
    setTimeout(() => {
      this.#keeping = false;
      keep(this.#storage, this.#chat);
    }, keepPauseMs);
  }
}

function indexOf(messages: Message[], id: number): number {
  const at = messages.findIndex((message) => message.id === id);
  return at < 0 ? messages.length : at;
}

function failure(cause: unknown): Partial<Answer> {
  if (cause instanceof ChatError) return { error: { status: cause.status, message: cause.message } };
  return { error: { status: 0, message: cause instanceof Error ? cause.message : String(cause) } };
}
