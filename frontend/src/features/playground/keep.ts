// The conversation over a reload: in this browser, and bounded.
import { freshChat, type Chat, type Message } from "./conversation";

const place = "openaicompatible.playground";
/** Browsers keep five million characters for all of us. */
const most = 1_500_000;

function withoutImages(message: Message): Message {
  if (message.role !== "user" || message.images.length === 0) return message;
  return { ...message, images: [], lost: message.lost + message.images.length };
}

/** Nobody answers any more when it is read again. */
function settled(message: Message): Message {
  return message.role === "assistant" && message.state === "running"
    ? { ...message, state: "stopped" }
    : message;
}

function mapped(chat: Chat, change: (messages: Message[]) => Message[]): Chat {
  return { ...chat, sides: chat.sides.map((side) => ({ ...side, messages: change(side.messages) })) };
}

/** The text to keep: without pictures when it is too long, and then without what was said first. */
export function packed(chat: Chat, limit = most): string {
  let kept = mapped(chat, (messages) => messages.map(settled));
  let text = JSON.stringify(kept);
  if (text.length <= limit) return text;
  kept = mapped(kept, (messages) => messages.map(withoutImages));
  text = JSON.stringify(kept);
  while (text.length > limit && kept.sides.some(({ messages }) => messages.length > 0)) {
    kept = mapped(kept, (messages) => {
      const next = messages.findIndex(({ role }, at) => at > 0 && role === "user");
      return next > 0 ? messages.slice(next) : [];
    });
    text = JSON.stringify(kept);
  }
  return text;
}

export function keep(storage: Storage, chat: Chat): void {
  try {
    storage.setItem(place, packed(chat));
  } catch {
    // A browser that is full or keeps nothing: the conversation lasts as long as the page.
  }
}

/** What was kept; a fresh start where nothing was, or nothing that can be read. */
export function recall(storage: Storage): Chat {
  const fresh = freshChat();
  try {
    const kept = JSON.parse(storage.getItem(place) ?? "null") as Partial<Chat> | null;
    if (!kept?.sides?.length) return fresh;
    return { ...fresh, ...kept, options: { ...fresh.options, ...kept.options } };
  } catch {
    return fresh;
  }
}
