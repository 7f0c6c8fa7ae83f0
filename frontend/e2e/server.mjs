// The real server in demo mode, in a folder of its own.
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.join(import.meta.dirname, "../..");

/** The program to test: OPENAICOMPATIBLE_BINARY, or one built here with the pages of dist. */
export function findProgram(folder) {
  const given = process.env.OPENAICOMPATIBLE_BINARY;
  if (given) return path.resolve(given);
  const binary = path.join(folder, "server");
  execFileSync("go", ["build", "-o", binary, "./backend/cmd/server"], { cwd: root, stdio: "inherit" });
  return binary;
}

/** A port that nobody listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** One program with its settings and its log; it can be started again after its end. */
export class Program {
  #binary;
  #folder;
  #port;
  #child;

  static async create(binary) {
    const program = new Program();
    program.#binary = binary;
    program.#folder = await mkdtemp(path.join(tmpdir(), "openaicompatible-e2e-"));
    program.#port = await freePort();
    await program.start();
    return program;
  }

  /** Where it keeps everything, which is also the home of its user. */
  get folder() {
    return this.#folder;
  }

  /** Starts it and reads from its greeting where it is and what opens it. */
  async start() {
    const folder = this.#folder;
    const args = ["serve", "--demo", "--admin", `--port=${this.#port}`];
    args.push(`--config=${folder}/config.json`, `--data=${folder}/data`);
    // Without a session bus no keyring of the machine is touched; behind a proxy
    // that is not there, nothing but this machine is reached.
    const nowhere = "http://127.0.0.1:9";
    const env = {
      ...process.env,
      DBUS_SESSION_BUS_ADDRESS: "disabled:",
      HOME: folder,
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      NO_PROXY: "127.0.0.1",
    };
    const child = spawn(this.#binary, args, { stdio: ["ignore", "pipe", "pipe"], env });
    this.#child = child;
    let problems = "";
    child.stderr.on("data", (part) => (problems += part));
    const greeting = await new Promise((resolve, reject) => {
      let output = "";
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${problems}`)));
      child.stdout.on("data", (part) => {
        output += part;
        if (/\?token=\S+\s/.test(output) && output.includes("curl")) resolve(output);
      });
    });
    this.base = /Base URL\s+(\S+)/.exec(greeting)[1];
    this.key = /API key\s+(\S+)/.exec(greeting)[1];
    this.link = /(http\S+\?token=\S+)/.exec(greeting)[1];
    this.origin = new URL(this.link).origin;
    this.token = new URL(this.link).searchParams.get("token");
  }

  /** Ends it as an operator would. */
  async end() {
    const child = this.#child;
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  async remove() {
    await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Sends a chat request through the proxy, as any client would. */
  chat(model, content, { stream = false, client = "Continue/1.2", key = this.key } = {}) {
    return fetch(`${this.base}/chat/completions`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", "User-Agent": client },
      body: JSON.stringify({ model, stream, messages: [{ role: "user", content }] }),
    });
  }

  /** Calls the admin API as a program that has the token. */
  async admin(method, where, body) {
    const response = await fetch(`${this.origin}/api${where}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        "Content-Type": "application/json",
        "X-Requested-With": "openaicompatible",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }
}
