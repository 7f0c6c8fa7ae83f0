// What a person does with models, and with the names that stand for them.
import assert from "node:assert/strict";
import { assertSoon } from "./soon.mjs";

const rowOf = (page, name) => page.locator('[role="row"][id]').filter({ hasText: name }).first();

async function listed(program) {
  const response = await fetch(`${program.base}/models`, {
    headers: { Authorization: `Bearer ${program.key}` },
  });
  return (await response.json()).data.map(({ id }) => id);
}

async function findsAModelAndTestsIt({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/models?provider=demo");
  const grid = page.getByRole("grid", { name: "Models" });
  await grid.waitFor();
  await page.getByRole("searchbox").fill("fast");
  await page.waitForFunction(() => location.hash.includes("text=fast"));
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("t");
  await rowOf(page, "demo/fast").getByText(/ms$/).waitFor();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "demo/fast" });
  await panel.getByText("It works").waitFor();
  await visit.assertAccessible("one model");
  await visit.screenshot("model-tested");
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  await visit.goto(program, "/models?model=demo/error-401");
  const other = page.getByRole("dialog", { name: "demo/error-401" });
  await other.getByRole("button", { name: "Test", exact: true }).click();
  await other.getByText("The test failed").waitFor();
  await visit.screenshot("model-failed");
  await page.keyboard.press("Escape");
}

async function hidesAModelAndTakesItBack({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/models?text=demo/slow");
  const grid = page.getByRole("grid", { name: "Models" });
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("h");
  await page.getByText("Hidden · 1").waitFor();
  await assertSoon(async () => assert.ok(!(await listed(program)).includes("demo/slow")));
  const answer = await program.chat("demo/slow", "hi");
  assert.equal(answer.status, 200, "a hidden model answers");
  await answer.text();
  await page.getByRole("button", { name: "Undo" }).click();
  await assertSoon(async () => assert.ok((await listed(program)).includes("demo/slow")));
}

async function makesAnAliasAndOrdersIt({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/models?view=aliases");
  await page.getByText("No alias yet").waitFor();
  await page.getByRole("button", { name: "New alias" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Enter the name that clients ask for").waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("gpt-4o");
  for (const model of ["demo/error-503", "demo/fast", "gone/away"]) {
    await dialog.getByLabel("Add a model").fill(model);
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: `Take out ${model}` }).waitFor();
  }
  await dialog.getByRole("button", { name: "Move gone/away" }).focus();
  await page.keyboard.press("ArrowUp");
  await visit.assertAccessible("the form of an alias");
  await visit.screenshot("alias-form");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Nobody serves gone/away now").waitFor();
  await visit.screenshot("aliases");
  const { aliases } = await program.admin("GET", "/aliases");
  assert.deepEqual(aliases[0].models, ["demo/error-503", "gone/away", "demo/fast"]);
  await assertSoon(async () => {
    const response = await program.chat("gpt-4o", "who answers?");
    assert.equal(response.status, 200, await response.text());
  });
  assert.ok((await listed(program)).includes("gpt-4o"));
  await page.getByRole("button", { name: "Remove gpt-4o" }).click();
  await page.getByText("No alias yet").waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("listitem", { name: "gpt-4o" }).waitFor();
  await program.admin("PUT", "/aliases", { aliases: [] });
}

async function setsADefaultModel({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/models?view=aliases");
  await page.getByRole("combobox", { name: "Default model" }).fill("demo/fast");
  await page.keyboard.press("Enter");
  await assertSoon(async () => {
    const response = await program.chat("gpt-3.5-turbo", "hello");
    assert.equal(response.status, 200, await response.text());
  });
  await page.getByRole("button", { name: "No default" }).click();
  await assertSoon(async () => assert.equal((await program.chat("gpt-3.5-turbo", "hello")).status, 404));
}

async function asksForTheModelsAnew({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/models");
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByText(/^Asked at/).waitFor();
}

export const modelJourneys = [
  findsAModelAndTestsIt,
  hidesAModelAndTakesItBack,
  makesAnAliasAndOrdersIt,
  setsADefaultModel,
  asksForTheModelsAnew,
];
