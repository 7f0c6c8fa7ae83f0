import { describe, expect, it } from "vitest";
import { account, inSeconds, modelStanding, rest, standing } from "@/testing/accounts";
import { restingModels, restOf, standingAt, stateOf, turningPoints } from "./standing";

const now = Date.now();

describe("the state that an account is shown in", () => {
  it.each([
    ["a rest that lasts", "ready", standing({ state: "resting", rest: rest(60) }), "resting"],
    ["a rest that has ended meanwhile", "ready", standing({ state: "resting", rest: rest(-1) }), "trying"],
    ["a bound that has passed", "ready", standing({ state: "paced", freeAt: inSeconds(-1) }), "ready"],
    ["a bound until a request ends", "ready", standing({ state: "paced" }), "paced"],
    ["a person's switch", "off", standing({ state: "resting", rest: rest(60) }), "off"],
    ["a check that failed", "unreachable", standing({ state: "resting", rest: rest(60) }), "unreachable"],
    [
      "a credential that a request found refused",
      "ready",
      standing({ state: "resting", rest: { ...rest(0, { source: "refused", kind: "auth" }) } }),
      "signIn",
    ],
    [
      "a service that a request found closed",
      "ready",
      standing({ state: "resting", rest: { ...rest(0, { source: "refused", kind: "forbidden" }) } }),
      "refused",
    ],
  ] as const)("follows %s", (_what, state, held, want) => {
    const open = held.rest?.source === "refused" ? withoutEnd(held) : held;
    expect(stateOf(account(1, { state, standing: open }), now)).toBe(want);
  });

  function withoutEnd(held: ReturnType<typeof standing>) {
    const { until: _until, ...without } = rest(0, held.rest);
    return { ...held, rest: without };
  }
});

it("lists the models that rest only while the account as a whole does not", () => {
  const models = [
    modelStanding("rests", { rest: rest(60) }),
    modelStanding("rested", { rest: rest(-1) }),
    modelStanding("busy", { state: "paced" }),
    modelStanding("well", { state: "ready" }),
  ];
  const some = account(1, { standing: standing({ models }) });
  expect(restingModels(some, now).map(({ model }) => model)).toEqual(["rests", "busy"]);
  const whole = account(1, { standing: standing({ state: "resting", rest: rest(60), models }) });
  expect(restingModels(whole, now)).toEqual([]);
  expect(restOf(whole, now)?.kind).toBe("rate");
});

it("knows every moment at which something changes by itself", () => {
  const until = inSeconds(60);
  const held = rest(60, { until });
  const models = [modelStanding("a", { rest: held }), modelStanding("b", { freeAt: until })];
  const end = new Date(until).getTime();
  expect(turningPoints([account(1, { standing: standing({ models }) })])).toEqual([end, end]);
  expect(standingAt(modelStanding("a", { rest: held }), end)).toBe("trying");
});
