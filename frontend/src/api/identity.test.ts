import { expect, it } from "vitest";
import { maskIdentity, maskName } from "./identity";

it.each([
  ["ada.lovelace@gmail.com", "a•••@gmail.com"],
  ["13812345678", "138•••78"],
  ["ada", "a•••"],
])("%s is shown as %s", (identity, shown) => {
  expect(maskIdentity(identity)).toBe(shown);
});

it("leaves a name alone unless it is an address", () => {
  expect(maskName("Work laptop")).toBe("Work laptop");
  expect(maskName("Work @ home")).toBe("Work @ home");
  expect(maskName("ada@example.com")).toBe("a•••@example.com");
});
