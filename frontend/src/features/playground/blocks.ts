// The Markdown that models write, as plain data: nothing of it is ever HTML.

export type Span =
  | { kind: "text" | "code" | "strong" | "emphasis"; text: string }
  | { kind: "link"; text: string; address: string };

export type Block =
  | { kind: "paragraph" | "quote"; spans: Span[] }
  | { kind: "heading"; level: number; spans: Span[] }
  | { kind: "item"; depth: number; mark: string; spans: Span[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "table"; text: string }
  | { kind: "rule" };

const inline =
  /(`+)(.+?)\1(?!`)|\*\*(?=\S)(.+?\S?)\*\*|(?<![\w*])\*(?=[^\s*])([^*\n]+?)\*(?![\w*])|\[([^\]\n]+)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)/g;

/** The parts of a line of text. */
export function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(inline)) {
    const [all, , code, strong, emphasis, link, address] = match;
    if (match.index > at) spans.push({ kind: "text", text: text.slice(at, match.index) });
    if (code !== undefined)
      spans.push({ kind: "code", text: code.length > 2 ? code.replace(/^ (.*) $/, "$1") : code });
    else if (strong !== undefined) spans.push({ kind: "strong", text: strong });
    else if (emphasis !== undefined) spans.push({ kind: "emphasis", text: emphasis });
    else spans.push({ kind: "link", text: link ?? "", address: address ?? "" });
    at = match.index + all.length;
  }
  if (at < text.length) spans.push({ kind: "text", text: text.slice(at) });
  return spans;
}

const fence = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/;
const item = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;

/** A line that begins something else than a paragraph. */
function startOf(line: string): Block | undefined {
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading) return { kind: "heading", level: heading[1]?.length ?? 1, spans: spansOf(heading[2] ?? "") };
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return { kind: "rule" };
  const listed = item.exec(line);
  if (listed) {
    const [, indent = "", mark = "", text = ""] = listed;
    return {
      kind: "item",
      depth: Math.min(4, Math.floor(indent.replaceAll("\t", "    ").length / 2)),
      mark: /\d/.test(mark) ? mark : "•",
      spans: spansOf(text),
    };
  }
  if (line.startsWith(">")) return { kind: "quote", spans: spansOf(line.replace(/^>\s?/, "")) };
  if (/^\s*\|.*\|\s*$/.test(line)) return { kind: "table", text: line.trim() };
  return undefined;
}

/** Adds a line of text to what it goes on with. */
function joined(last: Block | undefined, line: string): boolean {
  if (last?.kind !== "paragraph" && last?.kind !== "item") return false;
  last.spans.push({ kind: "text", text: "\n" }, ...spansOf(line.trim()));
  return true;
}

/** Adds a line that begins something to the same thing before it. */
function merged(last: Block | undefined, next: Block): boolean {
  if (last?.kind === "table" && next.kind === "table") {
    last.text += `\n${next.text}`;
    return true;
  }
  if (last?.kind === "quote" && next.kind === "quote") {
    last.spans.push({ kind: "text", text: "\n" }, ...next.spans);
    return true;
  }
  return false;
}

/** The blocks of a text. A fence that has not ended yet is code up to the end. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  let goesOn = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const opened = fence.exec(line);
    if (opened) {
      const [, indent = "", marks = "", language = ""] = opened;
      const body: string[] = [];
      for (at++; at < lines.length && !(lines[at] ?? "").trim().startsWith(marks); at++) {
        const raw = lines[at] ?? "";
        body.push(raw.startsWith(indent) ? raw.slice(indent.length) : raw);
      }
      blocks.push({ kind: "code", language, text: body.join("\n") });
      goesOn = false;
      continue;
    }
    if (line.trim() === "") {
      goesOn = false;
      continue;
    }
    const next = startOf(line);
    const last = goesOn ? blocks.at(-1) : undefined;
    if (next ? !merged(last, next) : !joined(last, line)) {
      blocks.push(next ?? { kind: "paragraph", spans: spansOf(line) });
    }
    goesOn = true;
  }
  return blocks;
}
