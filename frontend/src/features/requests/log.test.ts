import { expect, it } from "vitest";
import { exchange } from "@/testing/samples";
import { extend, fold, insert, meets, type Log } from "./log";

const rows = (...ids: number[]) => ids.map((id) => exchange(id));
const ids = (log: Log) => log.rows.map(({ id }) => id);
const known: Log = { rows: rows(20, 19, 18, 17), next: 17, total: 20 };

it("puts new lines on top and keeps the older ones", () => {
  const log = fold(known, { exchanges: rows(22, 21, 20), next: 20, total: 22 });
  expect(ids(log)).toEqual([22, 21, 20, 19, 18, 17]);
  expect(log).toMatchObject({ next: 17, total: 22 });
});

it("starts again when too many have come to know what lies between", () => {
  const page = { exchanges: rows(90, 89), next: 89, total: 90 };
  expect(meets(known, page)).toBe(false);
  expect(fold(known, page)).toEqual({ rows: page.exchanges, next: 89, total: 90 });
});

it("forgets what a wiped log no longer has", () => {
  expect(ids(fold(known, { exchanges: [], next: 0, total: 0 }))).toEqual([]);
  expect(ids(fold(known, { exchanges: rows(21), next: 0, total: 1 }))).toEqual([21]);
});

it("forgets a line that the newest page no longer has", () => {
  expect(ids(fold(known, { exchanges: rows(20, 18), next: 18, total: 19 }))).toEqual([20, 18, 17]);
});

it("adds older lines at the end, none twice", () => {
  const log = extend(known, { exchanges: rows(17, 16, 15), next: 0, total: 20 });
  expect(ids(log)).toEqual([20, 19, 18, 17, 16, 15]);
  expect(log.next).toBe(0);
});

it("puts one that ended late in its place, and leaves alone what was not read yet", () => {
  const log: Log = { rows: rows(20, 18), next: 10, total: 20 };
  expect(ids(insert(log, rows(19, 5)))).toEqual([20, 19, 18]);
  expect(insert(log, rows(20))).toBe(log);
});
