import { expect, it } from "vitest";
import { pretty } from "./pretty";

it("breaks JSON into lines and leaves anything else as it is", () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty('{"a":')).toBe('{"a":');
  expect(pretty("data: [DONE]\n")).toBe("data: [DONE]\n");
});
