// A browser that reports everything a person should never meet.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const out = path.join(import.meta.dirname, "out");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts Debian's Chromium, or the one that CHROMIUM names. */
export async function launch() {
  await mkdir(out, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Root in a container has no sandbox; nothing but our own pages is opened.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** A page, and what went wrong on it. */
export class Visit {
  /** @type {string[]} */
  problems = [];
  /** Problems that a test expects, as patterns. */
  expected = [];

  static async open(browser, { width = 1100, height = 720, theme = "light", locale = "en-US" } = {}) {
    const visit = new Visit();
    visit.context = await browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      locale,
      // A page is checked as it stands, not half faded in.
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    visit.page = await visit.context.newPage();
    visit.page.setDefaultTimeout(15_000);
    visit.#watch();
    return visit;
  }

  #watch() {
    const { page, problems } = this;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol === "data:" || protocol === "blob:") return;
      if (hostname !== "127.0.0.1") problems.push(`left this computer: ${request.url()}`);
    });
  }

  /** Fails if anything was reported that the test did not expect. */
  assertClean() {
    const unexpected = this.problems.filter(
      (problem) => !this.expected.some((pattern) => pattern.test(problem)),
    );
    assert.deepEqual(unexpected, []);
  }

  /** Fails on anything that the accessibility check finds. */
  async assertAccessible(where) {
    // What still fades in has other colours than the ones that a person reads.
    await this.settled();
    // Not as a script of the page: its content security policy refuses foreign ones.
    await this.page.evaluate(axe);
    const findings = await this.page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
      );
    });
    assert.deepEqual(findings, [], `accessibility of ${where}`);
  }

  /** Waits until what has opened has opened: nothing fades, slides or grows any more. */
  async settled() {
    // What begins to move does so with the frame that draws it first.
    await this.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    await this.page.waitForFunction(() => {
      const moving = document
        .getAnimations()
        .some(
          ({ playState, effect }) => playState === "running" && effect.getTiming().iterations !== Infinity,
        );
      const fading = [...document.querySelectorAll('[role="dialog"], [role="dialog"] *')].some(
        (element) => element.style.opacity !== "" && Number(element.style.opacity) < 1,
      );
      return !moving && !fading;
    });
  }

  screenshot(name) {
    return this.page.screenshot({ path: path.join(out, `${name}.png`), animations: "disabled" });
  }

  /** Goes to one of the pages by its address. */
  async goto(program, hash) {
    await this.page.goto(`${program.origin}/#${hash}`);
    await this.page.getByRole("heading", { level: 1 }).waitFor();
  }

  close() {
    return this.context.close();
  }
}
