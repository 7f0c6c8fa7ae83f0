import { expect, it } from "vitest";
import { chosenOf, marked } from "./compare";

it.each([
  ["", []],
  ["x,-1,1.5", []],
  ["7", [7]],
  ["7,7", [7]],
  ["7,3,9", [7, 3]],
] as const)("reads %j from the address", (text, want) => {
  expect(chosenOf(text)).toEqual(want);
});

it("marks one, then another, and the same one not", () => {
  expect(marked([], 7)).toEqual([7]);
  expect(marked([7], 3)).toEqual([7, 3]);
  expect(marked([7], 7)).toEqual([]);
});
