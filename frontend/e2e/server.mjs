// Starts the real server in demo mode, in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** A port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Starts the program and reads from its greeting where it is and what opens it.
 * @returns {Promise<{base: string, key: string, link: string, stop: () => Promise<void>}>}
 */
export async function startServer(binary) {
  const folder = await mkdtemp(path.join(tmpdir(), "openaicompatible-e2e-"));
  const port = await freePort();
  const child = spawn(
    binary,
    [
      "serve",
      "--demo",
      "--admin",
      `--port=${port}`,
      `--config=${folder}/config.json`,
      `--data=${folder}/data`,
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: "" } },
  );
  let output = "";
  let problems = "";
  child.stderr.on("data", (part) => (problems += part));
  const greeting = await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${problems}`)));
    child.stdout.on("data", (part) => {
      output += part;
      if (/\?token=\S+/.test(output) && output.includes("curl")) resolve(output);
    });
  });
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    base: /Base URL\s+(\S+)/.exec(greeting)[1],
    key: /API key\s+(\S+)/.exec(greeting)[1],
    link: /(http\S+\?token=\S+)/.exec(greeting)[1],
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
