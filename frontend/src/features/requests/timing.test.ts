import { expect, it } from "vitest";
import { detail } from "@/testing/samples";
import { timing } from "./timing";

const attempt = detail(1).attempts.slice(0, 1);

it("divides the whole duration among its stretches", () => {
  const stretches = timing(detail(1, { durationMs: 1500, ownMs: 0.5, firstTokenMs: 120 }));
  expect(stretches.map(({ part }) => part)).toEqual(["own", "header", "first", "stream"]);
  expect(stretches.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(1500);
  expect(stretches.at(-1)?.ms).toBeCloseTo(1380);
});

it("shows the time that earlier attempts took", () => {
  const attempts = [...attempt, ...attempt].map((one, index) => ({ ...one, startMs: 1 + index * 400 }));
  const retry = timing(detail(1, { attempts, firstTokenMs: 700 })).find(({ part }) => part === "retry");
  expect(retry?.ms).toBe(400);
});

it("has no first token where none came", () => {
  const { firstTokenMs, ...refused } = detail(1, { durationMs: 80, ownMs: 1 });
  expect(timing(refused).map(({ part }) => part)).toEqual(["own", "header", "rest"]);
});

it("never exceeds the duration, whatever the clocks say", () => {
  const stretches = timing(detail(1, { durationMs: 10, ownMs: 50, firstTokenMs: 200 }));
  expect(stretches).toEqual([{ part: "own", from: 0, ms: 10 }]);
});

it("tells the wait from the attempts around it", () => {
  const attempts = [...attempt, ...attempt].map((one, index) => ({ ...one, startMs: 1 + index * 900 }));
  const stretches = timing(detail(1, { attempts, ownMs: 1, queueMs: 500, firstTokenMs: 1000 }));
  expect(stretches.map(({ part, ms }) => [part, Math.round(ms)]).slice(0, 3)).toEqual([
    ["own", 1],
    ["queue", 500],
    ["retry", 401],
  ]);
});
