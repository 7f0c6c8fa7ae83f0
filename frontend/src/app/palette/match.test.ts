import { expect, test } from "vitest";
import { matching } from "./match";

const items = [
  { label: "Settings" },
  { label: "Start listener", words: "run serve" },
  { label: "Copy base URL", words: "address" },
  { label: "gemini_cli/gemini-2.5-pro" },
  { label: "Restart nothing" },
  { label: "设置" },
];
const found = (text: string) => matching(items, text).map(({ label }) => label);

test("no text keeps all in their order", () => {
  expect(found("  ")).toEqual(items.map(({ label }) => label));
});

test("the start of the name comes before the start of a word, and that before the middle", () => {
  expect(found("start")).toEqual(["Start listener", "Restart nothing"]);
  expect(found("list")).toEqual(["Start listener"]);
});

test("every word must be there, in any order", () => {
  expect(found("url copy")).toEqual(["Copy base URL"]);
  expect(found("copy listener")).toEqual([]);
});

test("other words find it too, and so do letters in their order", () => {
  expect(found("address")).toEqual(["Copy base URL"]);
  expect(found("g25p")).toEqual(["gemini_cli/gemini-2.5-pro"]);
  expect(found("zq")).toEqual([]);
});

test("Chinese is found by its letters", () => {
  expect(found("设")).toEqual(["设置"]);
});
