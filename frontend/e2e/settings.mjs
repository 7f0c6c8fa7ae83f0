// What a person does with all that was set up: a backup, a restore, protocols, a report, the licences.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assertSoon } from "./soon.mjs";

const passphrase = "correct horse battery";

const section = (page, name) => page.getByRole("region", { name, exact: true });

/** Saves a backup, and answers where it is. */
async function savesABackup(page, program) {
  const backup = section(page, "Backup");
  await backup.getByLabel("With the request log").check();
  const first = backup.getByRole("textbox", { name: "Passphrase", exact: true });
  await first.fill("short");
  await backup.getByRole("button", { name: "Save backup…" }).click();
  await backup.getByText("Use at least 8 characters.").waitFor();
  await first.fill(passphrase);
  await backup.getByRole("textbox", { name: "Passphrase again" }).fill(`${passphrase}!`);
  await backup.getByRole("button", { name: "Save backup…" }).click();
  await backup.getByText("The two are not the same.").waitFor();
  await backup.getByRole("textbox", { name: "Passphrase again" }).fill(passphrase);
  const download = page.waitForEvent("download");
  await backup.getByRole("button", { name: "Save backup…" }).click();
  await page.getByText("Backup saved").waitFor();
  const file = path.join(program.folder, "all.backup");
  await (await download).saveAs(file);
  const text = await readFile(file, "latin1");
  assert.ok(text.startsWith("OpenAICompatible backup"), "the file says what it is");
  assert.ok(!text.includes(program.key) && !text.includes("works"), "and shows nothing of what is in it");
  return file;
}

async function restoresABackupAndTakesItBack({ visit, program }) {
  const { page } = visit;
  visit.expected.push(/4(00|22)/); // A browser logs each refusal by itself.
  await program.admin("PUT", "/prices", { prices: [{ model: "kept*", input: 1, output: 2 }] });
  await visit.goto(program, "/settings?section=backup");
  const file = await savesABackup(page, program);
  const before = await program.admin("GET", "/accounts");
  await program.admin("PUT", "/prices", { prices: [{ model: "later*", input: 3, output: 4 }] });
  await program.admin("PATCH", "/settings", { attempts: 7 });

  const backup = section(page, "Backup");
  const cut = path.join(program.folder, "cut.backup");
  await writeFile(cut, (await readFile(file)).subarray(0, -100));
  const look = async (chosen, word) => {
    await backup.locator('input[type="file"]').setInputFiles(chosen);
    await backup.getByRole("textbox", { name: "Passphrase", exact: true }).last().fill(word);
    await backup.getByRole("button", { name: "Show what is in it" }).click();
  };
  await look(cut, passphrase);
  await backup.getByText(/ends too early/).waitFor();
  await look(file, "not the right one");
  await backup.getByText(/passphrase is not the one/).waitFor();
  await visit.screenshot("backup-refused");
  await look(file, passphrase);
  await backup.getByText(/^Backup of/).waitFor();
  await backup.getByText("new: kept*").waitFor();
  await backup.getByText("goes: later*").waitFor();
  await backup.getByText(/changes: routing.attempts/).waitFor();
  await backup.getByText(/It has a request log/).scrollIntoViewIfNeeded();
  await visit.assertAccessible("a backup before it is restored");
  await visit.screenshot("backup-preview");
  await backup.getByRole("button", { name: "Restore", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await page.getByText("Backup restored").waitFor();
  const prices = async () => (await program.admin("GET", "/prices")).own.map(({ model }) => model);
  assert.deepEqual(await prices(), ["kept*"]);
  assert.equal((await program.admin("GET", "/settings")).attempts, 3);
  const after = await program.admin("GET", "/accounts");
  assert.deepEqual(
    after.accounts.map(({ name, hasSecret }) => [name, hasSecret]),
    before.accounts.map(({ name, hasSecret }) => [name, hasSecret]),
  );
  assert.equal((await program.chat("demo/fast", "still with the same key")).status, 200);

  await backup.getByText(/What was here before is kept/).waitFor();
  await backup.getByRole("button", { name: "Undo the restore" }).scrollIntoViewIfNeeded();
  await visit.assertAccessible("a restore that can be undone");
  await visit.screenshot("backup-kept");
  await backup.getByRole("button", { name: "Undo the restore" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Undo the restore" }).click();
  await page.getByText("All is as it was before the restore").waitFor();
  assert.deepEqual(await prices(), ["later*"]);
  assert.equal((await program.admin("GET", "/settings")).attempts, 7);
  await backup.getByText(/What was here before is kept/).waitFor({ state: "detached" });
  await program.admin("PATCH", "/settings", { attempts: 3 });
  await program.admin("PUT", "/prices", { prices: [] });
}

async function switchesAProtocolOff({ visit, program }) {
  const { page } = visit;
  const ask = () =>
    fetch(`${program.origin}/v1/messages`, {
      method: "POST",
      headers: { "X-Api-Key": program.key, "Content-Type": "application/json" },
      body: JSON.stringify({
        model: "demo/fast",
        max_tokens: 20,
        messages: [{ role: "user", content: "Hello" }],
      }),
    });
  assert.equal((await ask()).status, 200);
  await visit.goto(program, "/settings?section=server");
  const anthropic = page.getByRole("switch", { name: "Anthropic messages" });
  await anthropic.focus();
  await page.keyboard.press("Space");
  await page.getByText("Client protocols changed").waitFor();
  const refused = await ask();
  assert.equal(refused.status, 404);
  const { type, error } = await refused.json();
  assert.equal(type, "error", "in the shape of the protocol");
  assert.match(error.message, /switched off.*Settings/);
  await anthropic.scrollIntoViewIfNeeded();
  await visit.screenshot("settings-protocols");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await assertSoon(async () => assert.equal((await ask()).status, 200));
}

async function readsAReportBeforeItIsSaved({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/settings?section=about");
  await page.getByRole("button", { name: "Show report…" }).click();
  const dialog = page.getByRole("dialog", { name: "Diagnostics" });
  const text = await dialog.getByRole("region", { name: "Report" }).innerText();
  const report = JSON.parse(text);
  assert.ok(report.accounts.length >= 3 && report.lastErrors.length > 0);
  for (const secret of [program.key, program.token, "test-wrong-key", "works", program.folder]) {
    assert.ok(!text.includes(secret), `${secret} is in the report`);
  }
  await visit.assertAccessible("a report");
  await visit.screenshot("diagnostics");
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save…" }).click();
  await page.getByText("Report saved").waitFor();
  const saved = await readFile(await (await download).path(), "utf8");
  assert.equal(saved.trim(), text.trim(), "what is saved is what was read");
}

async function readsTheLicences({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/settings?section=about");
  await page.getByRole("button", { name: "Show licences…" }).click();
  const dialog = page.getByRole("dialog", { name: "Licences" });
  await dialog.getByText(/^\d\d+ components$/).waitFor();
  await dialog.getByRole("searchbox").fill("hujson");
  await dialog.getByText("One component").waitFor();
  await dialog.getByText(/^github.com\/tailscale\/hujson/).click();
  await dialog.getByText(/Redistribution and use in source and binary forms/).waitFor();
  await visit.assertAccessible("licences");
  await visit.screenshot("licences");
  await dialog.getByRole("searchbox").fill("no such thing");
  await dialog.getByText("0 components").waitFor();
}

async function seesHowMuchTheLogIs({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/settings?section=requests");
  const requests = section(page, "Requests and privacy");
  await requests.getByText(/on disk, \d+ requests/).waitFor();
  await requests.getByRole("button", { name: "Clear log" }).scrollIntoViewIfNeeded();
  await visit.screenshot("settings-privacy");
  await requests.getByRole("button", { name: "Clear log" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.ok((await program.admin("GET", "/exchanges?limit=1")).total > 0, "nothing is lost by asking");
}

export const settingsJourneys = [
  restoresABackupAndTakesItBack,
  switchesAProtocolOff,
  readsAReportBeforeItIsSaved,
  readsTheLicences,
  seesHowMuchTheLogIs,
];
