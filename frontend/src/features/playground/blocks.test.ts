import { expect, test } from "vitest";
import { blocksOf, spansOf } from "./blocks";

test("HTML stays text", () => {
  expect(blocksOf('<img src=x onerror="alert(1)">')).toEqual([
    { kind: "paragraph", spans: [{ kind: "text", text: '<img src=x onerror="alert(1)">' }] },
  ]);
});

test("what models write is told apart", () => {
  const kinds = blocksOf(
    "# A\n\ntext\nmore\n\n- one\n- two\n\n```go\nx := 1\n```\n> said\n\n| a |\n| b |",
  ).map(({ kind }) => kind);
  expect(kinds).toEqual(["heading", "paragraph", "item", "item", "code", "quote", "table"]);
});

test("a fence that has not ended is code up to the end", () => {
  expect(blocksOf("```py\nprint(1)\n\nprint(2)")).toEqual([
    { kind: "code", language: "py", text: "print(1)\n\nprint(2)" },
  ]);
});

test("code, bold and links are parts of a line; snake_case and 2 * 3 * 4 are not", () => {
  expect(spansOf("`a` **b** [c](https://d.example)").map(({ kind }) => kind)).toEqual([
    "code",
    "text",
    "strong",
    "text",
    "link",
  ]);
  expect(spansOf("snake_case 2 * 3 * 4")).toEqual([{ kind: "text", text: "snake_case 2 * 3 * 4" }]);
});
