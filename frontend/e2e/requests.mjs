// The request log: found by its bodies, narrowed by a menu, saved as a file.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { assertSoon } from "./soon.mjs";

const find = (program, query) => program.admin("GET", `/exchanges?${new URLSearchParams(query)}`);

async function findsARequestByItsBody({ visit, program }) {
  const { page } = visit;
  await (
    await program.chat("demo/fast", "a walrus asks: 模型换成哪个", { client: "Zed/0.200", stream: true })
  ).text();
  await assertSoon(async () => assert.equal((await find(program, { text: "walrus" })).total, 1));
  assert.equal((await find(program, { text: "“换成哪个”" })).total, 1, "a part of a Chinese sentence");
  assert.equal((await find(program, { text: "walrus", client: "curl" })).total, 0);
  await visit.goto(program, "/requests");
  await page.getByRole("searchbox", { name: "Search requests" }).fill('"walrus asks"');
  await page.getByText("1 request", { exact: true }).waitFor();
  await page.getByRole("searchbox", { name: "Search requests" }).fill('NEAR( " OR *');
  await page.getByText("No request matches").waitFor();
}

async function narrowsAndExportsRequests({ visit, program }) {
  const { page } = visit;
  await (await program.chat("demo/fast", "for the export", { client: "Zed/0.200" })).text();
  await assertSoon(async () => assert.ok((await find(program, { client: "zed" })).total > 0));
  await visit.goto(program, "/requests");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("combobox", { name: "Client" }).click();
  await page.getByRole("option", { name: "zed", exact: true }).click();
  await page.getByRole("button", { name: "Filter · 1" }).waitFor();
  assert.match(page.url(), /client=zed/);
  await visit.assertAccessible("filter of the requests");
  await visit.screenshot("requests-filter");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "JSONL", exact: true }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  const { total } = await find(program, { client: "zed" });
  assert.equal(lines.length, total);
  for (const line of lines) assert.equal(JSON.parse(line).client, "zed");
}

export const requestJourneys = [findsARequestByItsBody, narrowsAndExportsRequests];
