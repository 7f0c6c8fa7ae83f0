import { expect, it } from "vitest";
import { isLoopback } from "./host";

it.each([
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["localhost", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.5", false],
  ["127.0.0.1.example.com", false],
])("%s is reached from this computer only: %s", (host, want) => {
  expect(isLoopback(host)).toBe(want);
});
