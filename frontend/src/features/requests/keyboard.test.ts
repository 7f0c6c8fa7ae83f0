import { expect, it } from "vitest";
import { nextIndex } from "./keyboard";

it.each([
  ["ArrowDown", -1, 0],
  ["ArrowDown", 9, 9],
  ["ArrowUp", 0, 0],
  ["ArrowUp", -1, 0],
  ["PageDown", 2, 6],
  ["PageUp", 2, 0],
  ["Home", 7, 0],
  ["End", 7, 9],
  ["a", 7, undefined],
])("%s from %s goes to %s of ten", (key, from, want) => {
  expect(nextIndex(key, from, 10, 4)).toBe(want);
});

it("goes nowhere in an empty table", () => {
  expect(nextIndex("ArrowDown", -1, 0, 4)).toBeUndefined();
});
