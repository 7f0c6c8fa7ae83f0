import { expect, it } from "vitest";
import { endOfDay, isDay, toDay } from "./day";

it.each([
  ["2030-01-31", true],
  ["2028-02-29", true],
  ["2030-02-30", false],
  ["30-01-31", false],
  ["tomorrow", false],
  ["", false],
])("%s is a day: %s", (text, want) => {
  expect(isDay(text)).toBe(want);
});

it("lasts to the end of the day in the person's own time", () => {
  const end = new Date(endOfDay("2030-01-31"));
  expect([end.getDate(), end.getHours(), end.getMinutes()]).toEqual([31, 23, 59]);
  expect(toDay(end.toISOString())).toBe("2030-01-31");
  expect(toDay("")).toBe("");
});
