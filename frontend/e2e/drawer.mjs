// All about one request, and about two of them.
import assert from "node:assert/strict";
import { assertSoon } from "./soon.mjs";

/** The number of the last request with a text in its body. */
async function lastWith(program, text) {
  return assertSoon(async () => {
    const { exchanges } = await program.admin(
      "GET",
      `/exchanges?${new URLSearchParams({ text, limit: "1" })}`,
    );
    assert.equal(exchanges.length, 1, `no request has ${text}`);
    return exchanges[0].id;
  });
}

async function ask(program, model, text, options) {
  await (await program.chat(model, text, { stream: true, ...options })).text();
  return lastWith(program, text);
}

async function readsHowARequestWent({ visit, program }) {
  const { page } = visit;
  await program.admin("PATCH", "/settings", { keepBodies: "all" });
  const id = await ask(program, "demo/reasoning", "osprey");
  await visit.goto(program, `/requests?request=${id}`);
  const drawer = page.getByRole("dialog", { name: `Request ${id}` });
  const table = drawer.getByRole("table", { name: "Where the time went" });
  await table.getByRole("rowheader", { name: "Total" }).waitFor();
  await drawer.getByRole("tab", { name: "Attempts 1" }).click();
  await drawer.getByText("the only account").waitFor();
  await drawer.getByRole("tab", { name: "Notes 1" }).click();
  await drawer.getByText("added include_usage to stream_options").waitFor();
  await drawer.getByRole("tab", { name: "Response" }).click();
  await drawer.getByText("Events", { exact: true }).click();
  const list = drawer.getByRole("listbox", { name: "Events of the answer" });
  await list.getByRole("option").first().waitFor();
  const shown = await list.getByRole("option").count();
  const all = Number(await list.getByRole("option").first().getAttribute("aria-setsize"));
  assert.ok(all > 40 && shown < all, `${shown} of ${all} events are in the document`);
  assert.match(await list.getByRole("option").first().innerText(), /^\+[\d.]+ m?s/);
  await list.focus();
  await page.keyboard.press("End");
  await drawer
    .getByRole("region", { name: `Event ${all}` })
    .getByText("[DONE]")
    .waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await drawer
    .getByRole("region", { name: `Event ${all - 2}` })
    .getByText('"finish_reason"')
    .waitFor();
  await visit.assertAccessible("the events of an answer");
  await visit.screenshot("request-events");
}

async function seesWhatAFailureCost({ visit, program }) {
  const { page } = visit;
  const { accounts } = await program.admin("GET", "/accounts");
  const limited = accounts.find(({ name }) => name === "limited");
  // It rests since the log was filled: its next failure is one of its own.
  await program.admin("POST", `/accounts/${limited.id}/retry`, {});
  assert.equal((await program.chat("limited/tiny", "heron")).status, 429);
  const id = await lastWith(program, "heron");
  await visit.goto(program, `/requests?request=${id}`);
  const drawer = page.getByRole("dialog", { name: `Request ${id}` });
  await drawer.getByRole("tab", { name: "Attempts 1" }).click();
  await drawer.getByText(/limited rests until .*the service's hint/).waitFor();
  await visit.assertAccessible("a failed attempt");
  await visit.screenshot("request-failed-attempt");
}

async function comparesTwoRequests({ visit, program }) {
  const { page } = visit;
  await program.admin("PATCH", "/settings", { keepBodies: "all" });
  const one = await ask(program, "demo/fast", "kestrel one");
  const other = await ask(program, "demo/fast", "kestrel two");
  await visit.goto(program, "/requests?text=kestrel");
  await page.getByText("2 requests", { exact: true }).waitFor();
  await page.getByRole("grid").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("c");
  await page.getByText(`Request ${other} is marked`).waitFor();
  await visit.assertAccessible("a marked request");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press(" ");
  await page.getByRole("heading", { level: 1, name: `Compare ${other} and ${one}` }).waitFor();
  const changed = page.getByRole("region", { name: "What the clients sent" });
  assert.match(await changed.innerText(), /−.*kestrel two[^]*\+.*kestrel one/);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: `Compare ${other} and ${one}` }).waitFor();
  await changed.waitFor();
  await visit.assertAccessible("two requests compared");
  await visit.screenshot("requests-compared");
  await page.keyboard.press("Escape");
  await page.getByText("2 requests", { exact: true }).waitFor();
}

export const drawerJourneys = [readsHowARequestWent, seesWhatAFailureCost, comparesTwoRequests];
