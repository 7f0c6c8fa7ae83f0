// A chat with the models, against the running program.
import assert from "node:assert/strict";
import { assertSoon } from "./soon.mjs";

const field = (page) => page.getByLabel("Message", { exact: true });

async function ask(page, text) {
  // Before the models are known there is nobody to ask.
  await page.waitForFunction(() => document.querySelector('main input[aria-label="Model"]')?.value !== "");
  await field(page).fill(text);
  await page.keyboard.press("Enter");
}

async function chatsInThePlayground({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/playground");
  await ask(page, "Hello");
  const answers = page.getByRole("article", { name: /^Answer of/ });
  await answers
    .first()
    .getByText(/→ \d+ tokens/)
    .waitFor();
  await visit.assertAccessible("the playground");
  await visit.screenshot("playground-answer");
  await page.reload();
  await answers
    .first()
    .getByText(/→ \d+ tokens/)
    .waitFor();

  await page.getByRole("button", { name: "Show the request" }).first().click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText("Playground").first().waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("button", { name: "Parameters" }).click();
  await page.getByLabel("Temperature").fill("9");
  await page.getByText("A parameter is not right").waitFor();
  await page.getByLabel("Temperature").fill("1");
  const before = await answers.count();
  await ask(page, "Both of you");
  await assertSoon(async () => assert.equal(await answers.count(), before + 2));
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
  await visit.assertAccessible("two models compared");
  await visit.screenshot("playground-compared");
}

async function stopsAnAnswer({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/playground");
  const model = page.locator('main input[aria-label="Model"]');
  await page.waitForFunction(() => document.querySelector('main input[aria-label="Model"]')?.value !== "");
  await model.fill("demo/slow");
  await page.keyboard.press("Escape");
  await ask(page, "count to ten");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByText("Stopped.").waitFor();
  // The service is told too: the row says that the client left.
  await assertSoon(async () => {
    const { exchanges } = await program.admin("GET", "/exchanges?client=Playground&limit=1");
    assert.equal(exchanges[0].status, 499);
  });
}

/** The journeys in the Playground. */
export const playgroundJourneys = [chatsInThePlayground, stopsAnAnswer];
