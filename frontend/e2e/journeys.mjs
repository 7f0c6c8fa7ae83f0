// What a person does, against the running program.
import assert from "node:assert/strict";
import { accountJourneys } from "./accounts.mjs";
import { balanceJourneys } from "./balance.mjs";
import { connectJourneys } from "./connect.mjs";
import { drawerJourneys } from "./drawer.mjs";
import { firstRunJourneys } from "./firstRun.mjs";
import { requestJourneys } from "./requests.mjs";
import { playgroundJourneys } from "./playground.mjs";
import { modelJourneys } from "./models.mjs";
import { settingsJourneys } from "./settings.mjs";
import { assertSoon } from "./soon.mjs";

const text = (locator) => locator.innerText();

async function signsIn({ visit, program }) {
  const { page } = visit;
  // A browser logs every answer of 401 by itself.
  visit.expected.push(/401/);
  await page.goto(program.origin);
  await page.getByLabel("Token", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(/not the right one/).waitFor();
  await visit.assertAccessible("sign-in");
  await visit.screenshot("sign-in");
  await page.getByLabel("Token", { exact: true }).fill(program.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

async function watchesARowStream({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/requests");
  const answer = program.chat("demo/slow", "count to ten", { stream: true, client: "Zed/0.200" });
  const line = page.locator('[role="row"][id]').filter({ hasText: "demo/slow" }).first();
  await line.getByText("Running").waitFor();
  const duration = line.getByRole("gridcell").nth(10);
  const early = await text(duration);
  await page.waitForFunction(
    ([id, before]) => document.getElementById(id).children[10].innerText !== before,
    [await line.getAttribute("id"), early],
  );
  await visit.screenshot("requests-running");
  await visit.assertAccessible("requests while one runs");
  await line.click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText("Running").first().waitFor();
  const response = await answer;
  assert.equal(response.status, 200);
  assert.match(await response.text(), /\[DONE\]/);
  await line.getByText("200").waitFor();
  await drawer.getByText("200 OK").waitFor();
  assert.equal(
    await page.locator('[role="row"]').filter({ hasText: "demo/slow" }).count(),
    1,
    "the row is there once",
  );
  await drawer.getByRole("tab", { name: "Response" }).click();
  await drawer.getByRole("heading", { name: "Text" }).waitFor();
  await page.keyboard.press("Escape");
}

async function usesTheKeyboard({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/requests");
  const grid = page.getByRole("grid");
  await grid.waitFor();
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const active = await grid.getAttribute("aria-activedescendant");
  await page.keyboard.press("Enter");
  const id = active.replace("request-", "");
  await page.getByRole("dialog", { name: `Request ${id}` }).waitFor();
  await page.keyboard.press("ArrowUp");
  assert.notEqual(await grid.getAttribute("aria-activedescendant"), active);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.type), "search");
  await page.keyboard.type("nosuch");
  await page.getByText("1 request", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !location.hash.includes("text="));
}

async function filtersAndPauses({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/requests");
  const { total } = await program.admin("GET", "/exchanges?class=4xx&limit=1");
  await page.getByText("4xx", { exact: true }).click();
  await page.getByText(`${total} requests`, { exact: true }).waitFor();
  await page.getByText("All", { exact: true }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  const lines = page.locator('[role="row"][id]');
  const before = await lines.count();
  await (await program.chat("demo/fast", "one")).text();
  await (await program.chat("demo/fast", "two")).text();
  await page.getByText("2 new").waitFor();
  assert.equal(await lines.count(), before);
  await page.getByRole("button", { name: /Resume/ }).click();
  await page.waitForFunction(
    (count) => document.querySelectorAll('[role="row"][id]').length === count,
    before + 2,
  );
}

async function changesASettingAndTakesItBack({ visit, program }) {
  const { page } = visit;
  visit.expected.push(/status of 422/);
  await visit.goto(program, "/settings");
  const attempts = page.getByLabel("Attempts per request");
  await attempts.fill("5");
  await attempts.press("Enter");
  await page.getByText("Attempts per request changed").waitFor();
  assert.equal((await program.admin("GET", "/settings")).attempts, 5);
  await visit.assertAccessible("settings with a notification");
  await visit.screenshot("settings-undo");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction(() => document.activeElement.value !== "5" || true);
  await assertSoon(async () => assert.equal((await program.admin("GET", "/settings")).attempts, 3));
  await attempts.fill("99");
  await attempts.press("Enter");
  await page.locator('[aria-invalid="true"]').waitFor();
  await visit.assertAccessible("settings with an error");
  await visit.screenshot("settings-error");
  await attempts.press("Escape");
}

async function isWarnedBeforeTheNetwork({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/settings");
  await page.getByLabel("Address").fill("0.0.0.0");
  await page.getByLabel("Address").press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Serve beyond this computer?").waitFor();
  await visit.screenshot("settings-network");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Address").inputValue(), "127.0.0.1");
  assert.equal((await program.admin("GET", "/settings")).host, "127.0.0.1");
}

async function makesAKey({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/settings?section=keys");
  await page.getByLabel("Name of the new key").fill("Laptop");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText("Key “Laptop” created").waitFor();
  await visit.assertAccessible("a new key");
  await visit.screenshot("settings-key-created");
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  const key = await page.evaluate(() => navigator.clipboard.readText());
  const response = await program.chat("demo/fast", "with the new key", { key });
  assert.equal(response.status, 200);
  await response.text();
  await page.getByRole("button", { name: "Delete key Laptop" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete key Laptop" }).waitFor({ state: "detached" });
  await assertSoon(async () =>
    assert.equal((await program.chat("demo/fast", "no more", { key })).status, 401),
  );
}

async function copiesTheCommandAndRunsIt({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/");
  await page.getByRole("button", { name: "Copy command" }).click();
  const command = await assertSoon(async () => {
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^curl /);
    return copied;
  });
  assert.ok(command.includes(program.key), "the command carries the real key");
  assert.ok(!(await text(page.locator("body"))).includes(program.key), "the key is not on the page");
  await page.getByRole("button", { name: "Show API key" }).click();
  await page.getByText(program.key, { exact: true }).waitFor();
}

async function stopsTheListener({ visit, program }) {
  const { page } = visit;
  visit.expected.push(/ERR_|Failed to load resource/);
  await visit.goto(program, "/");
  const toggle = page.getByRole("region", { name: "Listener" }).getByRole("switch");
  await toggle.click({ force: true });
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Stop the listener and these pages?").waitFor();
  await visit.screenshot("listener-stop");
  await dialog.getByRole("button", { name: "Stop" }).click();
  await page.getByText(/Connection to the program lost/).waitFor();
  await visit.screenshot("connection-lost");
  await assert.rejects(program.chat("demo/fast", "nobody listens"));
  await program.end();
  await program.start();
  await page.getByText(/Connection to the program lost/).waitFor({ state: "detached" });
  await page.getByText("Running").first().waitFor();
  assert.equal(await toggle.isChecked(), true);
}

async function clearsTheLog({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/requests");
  await page.getByRole("button", { name: "Clear log" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Clear log" }).click();
  await page.getByText("Nothing has come in yet").waitFor();
  await visit.assertAccessible("an empty log");
  await visit.screenshot("requests-empty");
  await visit.goto(program, "/");
  await page.getByText("No request yet").waitFor();
  await visit.assertAccessible("an empty overview");
  await visit.screenshot("overview-empty");
}

/** The journeys, in an order in which each finds what it needs. */
export const journeys = [
  signsIn,
  watchesARowStream,
  usesTheKeyboard,
  filtersAndPauses,
  changesASettingAndTakesItBack,
  isWarnedBeforeTheNetwork,
  makesAKey,
  copiesTheCommandAndRunsIt,
  ...accountJourneys,
  ...balanceJourneys,
  ...requestJourneys,
  ...drawerJourneys,
  ...modelJourneys,
  ...connectJourneys,
  ...playgroundJourneys,
  ...settingsJourneys,
  ...firstRunJourneys,
  stopsTheListener,
  clearsTheLog,
];
