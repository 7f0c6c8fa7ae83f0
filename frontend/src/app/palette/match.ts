// How the palette finds things. It is predictable before it is clever: the
// same letters always give the same order, and whole words come first.

/** What can be found: its name, and other words by which one may look for it. */
export interface Findable {
  label: string;
  words?: string;
}

const scores = { start: 0, word: 1, inside: 2, otherWord: 3, scattered: 4 };
const none = Infinity;

function startsWord(text: string, part: string): boolean {
  return text.split(/[\s/_\-.:·(（]+/).some((word) => word.startsWith(part));
}

function scattered(text: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

function scoreOf(label: string, words: string, part: string): number {
  if (label.startsWith(part)) return scores.start;
  if (startsWord(label, part)) return scores.word;
  if (label.includes(part)) return scores.inside;
  if (words.includes(part)) return scores.otherWord;
  // One or two letters are scattered over nearly everything.
  return part.length > 2 && scattered(label, part) ? scores.scattered : none;
}

/** Keeps what has every word of the text, the best first; equals stay in their order. */
export function matching<T extends Findable>(items: readonly T[], text: string): T[] {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return [...items];
  return items
    .map((item) => {
      const label = item.label.toLowerCase();
      const words = item.words?.toLowerCase() ?? "";
      const worst = Math.max(...parts.map((part) => scoreOf(label, words, part)));
      return { item, worst };
    })
    .filter(({ worst }) => worst < none)
    .sort((a, b) => a.worst - b.worst)
    .map(({ item }) => item);
}
