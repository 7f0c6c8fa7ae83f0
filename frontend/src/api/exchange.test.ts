import { expect, it } from "vitest";
import { outcomeOf } from "./exchange";

it.each([
  [{ running: true, status: 0 }, "running"],
  [{ running: false, status: 200 }, "ok"],
  [{ running: false, status: 429 }, "refused"],
  [{ running: false, status: 499 }, "canceled"],
  [{ running: false, status: 502 }, "failed"],
  [{ running: false, status: 0 }, "failed"],
] as const)("%o is %s", (exchange, want) => {
  expect(outcomeOf(exchange)).toBe(want);
});
