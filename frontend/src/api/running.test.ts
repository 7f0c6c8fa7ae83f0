import { expect, it } from "vitest";
import { exchange } from "@/testing/samples";
import { above, advance, lingerMs, withoutGone } from "./running";

const running = (id: number) => exchange(id, { running: true, status: 0 });

it("keeps one that ended until the log has it, and no longer than a moment", () => {
  const before = advance(undefined, [running(1), running(2)], 1000);
  const after = advance(before, [running(2)], 1250);
  expect(after.map(({ id, endedAt }) => [id, endedAt])).toEqual([
    [2, undefined],
    [1, 1250],
  ]);
  expect(advance(after, [running(2)], 1300)[1]).toMatchObject({ id: 1, endedAt: 1250 });
  expect(withoutGone(after, 1250 + lingerMs).map(({ id }) => id)).toEqual([2]);
});

it("stamps the moment of reading, so that durations can tick", () => {
  expect(advance(undefined, [running(1)], 777)[0]?.readAt).toBe(777);
});

it("shows nobody twice: a line of the log wins", () => {
  const rows = advance(undefined, [running(9), running(5)], 0);
  const logged = [exchange(10), exchange(9), exchange(8), exchange(4)];
  expect(above(rows, logged).map(({ id }) => id)).toEqual([5]);
  expect(above([], logged)).toEqual([]);
});
