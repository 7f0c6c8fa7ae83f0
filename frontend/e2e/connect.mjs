// What a person does to point other programs here: a file is changed, the first
// request comes, and the file is as it was.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assertSoon } from "./soon.mjs";

const cardOf = (page, name) => page.getByRole("article", { name, exact: true });

async function configuresCodexAndTakesItBack({ visit, program }) {
  const { page } = visit;
  const file = path.join(program.folder, ".codex/config.toml");
  const before = '# mine\r\nmodel = "gpt" # the big one\r\n\r\n[tools]\r\nweb_search = true';
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, before);

  await visit.goto(program, "/connect");
  const card = cardOf(page, "Codex");
  await card.getByText("Original").waitFor();
  await card.getByRole("button", { name: "Configure Codex" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText('model_provider = "openaicompatible"').first().waitFor();
  await visit.assertAccessible("the change of a client");
  await visit.screenshot("connect-change");
  assert.equal(await readFile(file, "utf8"), before, "a preview changes nothing");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await dialog.waitFor({ state: "detached" });
  await card.getByText("Waiting for its first request").waitFor();
  await visit.assertAccessible("a client that is waited for");
  await visit.screenshot("connect-waiting");

  const written = await readFile(file, "utf8");
  assert.ok(written.startsWith('# mine\r\nmodel = "demo/'), written);
  const [, key] = /experimental_bearer_token = "(sk-[^"]+)"/.exec(written);
  const [, base] = /base_url = "([^"]+)"/.exec(written);
  const response = await fetch(`${base}/responses`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "application/json",
      "User-Agent": "codex_exec/1",
    },
    body: JSON.stringify({ model: "demo/chat", input: "hello" }),
  });
  assert.equal(response.status, 200, await response.text());
  await card.getByText(/^First request/).waitFor();

  await card.getByRole("button", { name: "Undo the change of Codex" }).click();
  await card.getByText("Original").waitFor();
  assert.equal(await readFile(file, "utf8"), before, "byte for byte");
}

async function asksBeforeItUndoesWhatAPersonWrote({ visit, program }) {
  const { page } = visit;
  const file = path.join(program.folder, ".claude/settings.json");
  const before = '{\n  // mine\n  "theme": "dark"\n}\n';
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, before);
  await visit.goto(program, "/connect?client=claude-code");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("ANTHROPIC_BASE_URL").first().waitFor();
  await dialog.getByRole("button", { name: "Apply" }).click();
  await dialog.waitFor({ state: "detached" });
  await writeFile(file, (await readFile(file, "utf8")).replace("dark", "light"));
  await page.reload();
  const card = cardOf(page, "Claude Code");
  await card.getByText("Changed by hand").waitFor();
  // The browser logs the refusal by itself.
  visit.expected.push(/409/);
  await card.getByRole("button", { name: "Undo the change of Claude Code" }).click();
  await dialog.getByText('"theme": "light"').first().waitFor();
  await visit.assertAccessible("an undo that takes more away");
  await visit.screenshot("connect-undo");
  await dialog.getByRole("button", { name: "Restore all the same" }).click();
  await dialog.waitFor({ state: "detached" });
  await assertSoon(async () => assert.equal(await readFile(file, "utf8"), before));
}

async function findsAClientByItsName({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/connect");
  await cardOf(page, "Cursor").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("curs");
  await page.getByText("1 of 15 clients").waitFor();
  await page.getByRole("button", { name: "Show steps for Cursor" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/through its own servers/).waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Apply" }).count(), 0);
  await visit.assertAccessible("the steps of a client");
  await visit.screenshot("connect-steps");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

export const connectJourneys = [
  configuresCodexAndTakesItBack,
  asksBeforeItUndoesWhatAPersonWrote,
  findsAClientByItsName,
];
