import { expect, it } from "vitest";
import { movedTo, problemOf } from "./aliases";

const others = [
  { name: "fast", models: ["demo/fast"] },
  { name: "best", models: ["any"] },
];
const known = [{ id: "demo/fast" }];

it.each([
  ["any", ["demo/fast"], undefined],
  ["any", ["fast", "gone/x"], undefined],
  ["", ["demo/fast"], "noName"],
  [" any", ["demo/fast"], "blanks"],
  ["fast", ["demo/fast"], "twice"],
  ["demo/fast", ["fast"], "isModel"],
  ["any", [], "noModels"],
  ["any", ["any"], "itself"],
  ["any", ["demo/fast", "best"], "circle"],
])("%s for %j is wrong because of %s", (name, models, why) => {
  expect(problemOf({ name, models }, others, known)?.why).toBe(why);
});

it("moves one to the place of another, and nothing beyond the ends", () => {
  const list = ["a", "b", "c"];
  expect(movedTo(list, 0, 2)).toEqual(["b", "c", "a"]);
  expect(movedTo(list, 2, 1)).toEqual(["a", "c", "b"]);
  expect(movedTo(list, 2, 3)).toBe(list);
});
