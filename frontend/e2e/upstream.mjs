// Services that the accounts of the tests sign in to: an OpenAI-compatible one
// with one key, and the stand-in for Google.
import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:http";
import path from "node:path";

const root = path.join(import.meta.dirname, "../..");

/** The keys that the service takes; chats with the second are too many until it relents. */
export const rightKey = "test-right-key";
export const limitedKey = "test-limited-key";

const refusal = {
  error: { message: "Incorrect API key provided", type: "invalid_request_error", code: "invalid_api_key" },
};
const models = { object: "list", data: ["tiny", "large"].map((id) => ({ id, object: "model" })) };
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "tiny",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

const tooMany = { error: { message: "Slow down, please", type: "requests", code: "rate_limit_exceeded" } };
/** How long the service wants to be left alone, in seconds. */
const pause = 252;

function reply({ method, url, headers }, limits) {
  const key = headers.authorization?.replace("Bearer ", "");
  if (key !== rightKey && key !== limitedKey) return [401, refusal];
  if (method === "GET" && url === "/v1/models") return [200, models];
  if (method === "POST" && url === "/v1/chat/completions" && key === limitedKey && limits) {
    return [429, tooMany, { "Retry-After": String(pause) }];
  }
  if (method === "POST" && url === "/v1/chat/completions") return [200, answer];
  return [404, { error: { message: `no ${method} ${url} here`, type: "invalid_request_error" } }];
}

/** Starts an OpenAI-compatible service. */
export async function startService() {
  let limits = true;
  const server = createServer((request, response) => {
    const [status, body, header] = reply(request, limits);
    request.resume();
    response.writeHead(status, { "Content-Type": "application/json", ...header });
    response.end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  const limit = (on) => (limits = on);
  return { baseUrl: `http://127.0.0.1:${server.address().port}/v1`, limit, stop };
}

/** Starts the stand-in for Google, built into a folder. */
export async function startGoogle(folder) {
  const binary = path.join(folder, "google");
  execFileSync("go", ["build", "-o", binary, "./frontend/e2e/google"], { cwd: root, stdio: "inherit" });
  const child = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const address = await new Promise((resolve, reject) => {
    child.stdout.once("data", (line) => resolve(String(line).trim()));
    child.once("exit", (code) => reject(new Error(`the stand-in for Google ended with ${code}`)));
  });
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  return { address, stop };
}
