import { expect, it } from "vitest";
import { diffLines } from "./diff";

const signs = { same: " ", new: "+", gone: "-", gap: "…" } as const;
const drawn = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${signs[kind]}${text}`);

it("shows what was renamed among what stayed", () => {
  const before = ["{", '  "model": "fast",', '  "max_tokens": 5,', '  "stream": true', "}"].join("\n");
  const after = ["{", '  "model": "gemini-3-flash",', '  "max_tokens": 5,', '  "stream": true', "}"].join(
    "\n",
  );
  expect(drawn(before, after)).toEqual([
    " {",
    '-  "model": "fast",',
    '+  "model": "gemini-3-flash",',
    '   "max_tokens": 5,',
    '   "stream": true',
    " }",
  ]);
});

it("folds what is equal, and has nothing to show of equal texts", () => {
  const long = Array.from({ length: 40 }, (_, n) => `line ${n}`);
  const changed = long.with(20, "another");
  expect(drawn(long.join("\n"), changed.join("\n"))).toEqual([
    "…",
    " line 17",
    " line 18",
    " line 19",
    "-line 20",
    "+another",
    " line 21",
    " line 22",
    " line 23",
    "…",
  ]);
  expect(diffLines("a\nb", "a\nb").some(({ kind }) => kind === "new" || kind === "gone")).toBe(false);
});

it("finds lines that were put in and taken out, and is quick with texts that have nothing in common", () => {
  expect(drawn("a\nb\nc\nd", "a\nx\nb\nd\ne")).toEqual([" a", "+x", " b", "-c", " d", "+e"]);
  const many = (name: string) => Array.from({ length: 20_000 }, (_, n) => `${name} ${n}`).join("\n");
  expect(diffLines(many("old"), many("new"))).toHaveLength(40_000);
});
