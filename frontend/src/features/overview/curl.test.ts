import { expect, it } from "vitest";
import { curlCommand } from "./curl";

const baseUrl = "http://127.0.0.1:8080/v1";

it("streams an answer with the key", () => {
  expect(curlCommand({ baseUrl, key: "sk-1", model: "demo/chat" })).toBe(
    [
      "curl -N http://127.0.0.1:8080/v1/chat/completions \\",
      '  -H "Content-Type: application/json" \\',
      '  -H "Authorization: Bearer sk-1" \\',
      `  -d '{"model":"demo/chat","stream":true,"messages":[{"role":"user","content":"Say hello"}]}'`,
    ].join("\n"),
  );
});

it("leaves the header out without a key, and quotes a model for the shell", () => {
  const command = curlCommand({ baseUrl, key: "", model: "it's" });
  expect(command).not.toContain("Authorization");
  expect(command).toContain(String.raw`"model":"it'\''s"`);
});
