import { expect, it } from "vitest";
import { bytes, countdown, duration, formatFor } from "./format";

it.each([
  [undefined, "–"],
  [0, "0.00 ms"],
  [0.42, "0.42 ms"],
  [7.26, "7.3 ms"],
  [830, "830 ms"],
  [999.7, "1.00 s"],
  [4210, "4.21 s"],
  [12_340, "12.3 s"],
  [59_999, "1m 00s"],
  [187_000, "3m 07s"],
  [3_725_000, "1h 02m"],
])("a duration of %s ms reads %s", (ms, want) => {
  expect(duration(ms)).toBe(want);
});

it.each([
  [undefined, "–"],
  [812, "812 B"],
  [3482, "3.4 KB"],
  [12 * 1024 * 1024, "12 MB"],
  [5 * 1024 ** 3, "5.0 GB"],
])("a size of %s reads %s", (size, want) => {
  expect(bytes(size)).toBe(want);
});

it("shortens counts that are too long for a column", () => {
  const format = formatFor("en");
  expect([9999, 12_345, 3_400_000].map(format.compact)).toEqual(["9,999", "12.3K", "3.4M"]);
});

it("counts and shares in the language of the pages", () => {
  expect(formatFor("zh-CN").count(1_234_567)).toBe("1,234,567");
  expect(formatFor("en").percent(0.786)).toBe("78.6%");
  expect(formatFor("en").percent(undefined)).toBe("–");
});

it("says the hour of what is near, and the day of what is far", () => {
  const now = new Date(2026, 2, 1, 9, 0).getTime();
  const format = formatFor("en");
  expect(format.due(new Date(2026, 2, 1, 14, 5).toISOString(), now)).toBe("14:05");
  expect(format.due(new Date(2026, 2, 5, 14, 5).toISOString(), now)).toBe("Mar 5");
  expect(formatFor("zh-CN").due(new Date(2026, 2, 5, 14, 5).toISOString(), now)).toBe("3月5日");
});

it.each([
  [-5, "00:00"],
  [252_400, "04:12"],
  [3_600_000, "1:00:00"],
  [18_728_000, "5:12:08"],
  [275_000_000, "3d 04h"],
])("a wait of %s ms reads %s", (ms, want) => {
  expect(countdown(ms)).toBe(want);
});
