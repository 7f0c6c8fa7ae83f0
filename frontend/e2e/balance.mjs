// How the accounts share the requests, rest, and reach their services: as a
// person sees and sets it, against the running program.
import assert from "node:assert/strict";
import { assertSoon } from "./soon.mjs";
import { limitedKey, rightKey } from "./upstream.mjs";

const cardOf = (page, name) => page.getByRole("article", { name, exact: true });

async function add(program, service, name, key) {
  const settings = { baseUrl: service.baseUrl };
  const account = { provider: "openaicompat", way: "custom", name, prefix: name, key, settings };
  return program.admin("POST", "/accounts", account);
}

async function chooseOf(page, name, item) {
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

async function seesAnAccountRestAndRetriesIt({ visit, program, service }) {
  const { page } = visit;
  const { id } = await add(program, service, "hasty", limitedKey);
  await visit.goto(program, "/accounts");
  const card = cardOf(page, "hasty");
  await card.getByText("Ready").waitFor();
  const refused = await program.chat("hasty/tiny", "too many");
  assert.equal(refused.status, 429, await refused.text());

  // The rest is of the one model; the account still serves the other (B02).
  const lines = card.getByRole("list", { name: "Models that rest" });
  const line = lines.getByRole("listitem").filter({ hasText: "tiny" });
  await line.getByText(/Rests 04:1\d|Rests 04:0\d/).waitFor();
  await line.getByText(/takes no more requests for now.*the service's hint.*Slow down, please/).waitFor();
  const before = await line.innerText();
  await assertSoon(async () => assert.notEqual(await line.innerText(), before, "it counts down"));
  await visit.assertAccessible("a model that rests");
  await visit.screenshot("account-model-rests");

  service.limit(false);
  await line.getByRole("button", { name: "Retry now: tiny" }).click();
  await line.waitFor({ state: "detached" });
  const answered = await program.chat("hasty/tiny", "again");
  assert.equal(answered.status, 200, await answered.text());
  service.limit(true);
  await card.getByText(/2 requests today/).waitFor();
  await program.admin("DELETE", `/accounts/${id}`);
}

/** The names of the cards of one provider, from the top. */
async function orderOf(page) {
  const names = await page
    .getByRole("article")
    .evaluateAll((cards) => cards.map((card) => card.querySelector("h3").innerText));
  return names.filter((name) => /^order-/.test(name));
}

async function putsAccountsInOrder({ visit, program, service }) {
  const { page } = visit;
  const added = [];
  for (const name of ["order-a", "order-b", "order-c"]) {
    added.push(await add(program, service, name, rightKey));
  }
  await visit.goto(program, "/accounts");
  await cardOf(page, "order-c").getByText("Ready").waitFor();
  assert.deepEqual(await orderOf(page), ["order-a", "order-b", "order-c"]);

  await page.getByRole("button", { name: "Move order-c", exact: true }).focus();
  await page.keyboard.press("ArrowUp");
  await assertSoon(async () => assert.deepEqual(await orderOf(page), ["order-a", "order-c", "order-b"]));
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Move order-c");

  const grip = await page.getByRole("button", { name: "Move order-b", exact: true }).boundingBox();
  const goal = await cardOf(page, "order-a").boundingBox();
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await page.mouse.move(grip.x + 8, grip.y - 20, { steps: 4 });
  await page.mouse.move(grip.x + 8, goal.y + 24, { steps: 8 });
  await visit.screenshot("accounts-dragging");
  await page.mouse.up();
  const want = ["order-b", "order-a", "order-c"];
  await assertSoon(async () => assert.deepEqual(await orderOf(page), want));

  await page.reload();
  await cardOf(page, "order-a").waitFor();
  assert.deepEqual(await orderOf(page), want, "the order survives a reload");
  const { accounts } = await program.admin("GET", "/accounts");
  const kept = accounts.map(({ name }) => name).filter((name) => /^order-/.test(name));
  assert.deepEqual(kept, want, "the program has the order");
  for (const { id } of added) await program.admin("DELETE", `/accounts/${id}`);
}

async function setsWeightAndPace({ visit, program, service }) {
  const { page } = visit;
  const { id } = await add(program, service, "paced", rightKey);
  await visit.goto(program, "/accounts");
  await cardOf(page, "paced").getByText("Ready").waitFor();
  await chooseOf(page, "paced", /Weight, priority/);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Weight").fill("3");
  await dialog.getByText("Own", { exact: true }).click();
  await dialog.getByLabel("Whole account: Per minute").fill("1");
  await dialog.getByRole("button", { name: "Add a model" }).click();
  await dialog.getByLabel("Model", { exact: true }).fill("large");
  await dialog.getByLabel("large: At once").fill("2");
  await visit.assertAccessible("the pace of an account");
  await visit.screenshot("account-pace");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await cardOf(page, "paced").getByText("0/1 a minute").waitFor();
  await cardOf(page, "paced").getByText("weight 3").waitFor();
  const { accounts } = await program.admin("GET", "/accounts");
  const { weight, pace, paceDefault, modelPace } = accounts.find((account) => account.id === id);
  assert.deepEqual(
    [weight, pace.requestsPerMinute, paceDefault, modelPace.large.maxInFlight],
    [3, 1, false, 2],
  );

  const answered = await program.chat("paced/tiny", "the one of this minute");
  assert.equal(answered.status, 200, await answered.text());
  await cardOf(page, "paced")
    .getByText(/Over its pace/)
    .waitFor();
  await visit.assertAccessible("an account over its pace");
  await visit.screenshot("account-over-its-pace");
  await program.admin("DELETE", `/accounts/${id}`);
}

async function findsTheWrongProxy({ visit, program }) {
  const { page } = visit;
  // What is on this machine is never asked through a proxy: this service is elsewhere, and never reached.
  const elsewhere = { baseUrl: "https://models.example/v1" };
  const { id } = await add(program, elsewhere, "proxied", rightKey);
  await visit.goto(program, "/accounts");
  await cardOf(page, "proxied").getByText("Unreachable").waitFor();
  await chooseOf(page, "proxied", /Proxy and connection test/);
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Manual", { exact: true }).click();
  // Nobody listens on port 9 of this machine.
  await dialog.getByLabel("Address of the proxy").fill("http://127.0.0.1:9");
  await dialog.getByRole("button", { name: "Test connection" }).click();
  await dialog.getByText(/^the proxy http:\/\/127\.0\.0\.1:9 .*cannot be reached/i).waitFor();
  assert.equal(await dialog.getByRole("listitem").getByLabel("failed").count(), 1, "one hop failed");
  await visit.assertAccessible("a connection test that failed");
  await visit.screenshot("account-wrong-proxy");
  await dialog.getByLabel("Address of the proxy").fill("http://127.0.0.1:19");
  assert.equal(await dialog.getByRole("listitem").count(), 0, "what was found is of another proxy");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await cardOf(page, "proxied").getByText("own proxy").waitFor();
  const { accounts } = await program.admin("GET", "/accounts");
  assert.equal(accounts.find((account) => account.id === id).network.proxy, "http://127.0.0.1:19");
  await program.admin("DELETE", `/accounts/${id}`);
}

async function choosesAPolicyAndTakesItBack({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/settings?section=routing");
  await page.getByLabel("Fill first").click();
  await page.getByText("Policy changed").waitFor();
  assert.equal((await program.admin("GET", "/settings")).policy, "fill_first");
  await page.getByRole("button", { name: "Undo" }).click();
  await assertSoon(async () => assert.equal((await program.admin("GET", "/settings")).policy, "round_robin"));
  const wait = page.getByLabel("Longest wait");
  await wait.fill("1.5");
  await wait.press("Enter");
  await assertSoon(async () => assert.equal((await program.admin("GET", "/settings")).queueWaitMs, 1500));
  await program.admin("PATCH", "/settings", { queueWaitMs: 20_000 });
}

async function limitsAKey({ visit, program }) {
  const { page } = visit;
  const key = await program.admin("POST", "/keys", { name: "Scoped" });
  await visit.goto(program, "/settings?section=keys");
  await page.getByRole("button", { name: "Limits of key Scoped" }).click();
  await page.locator("#section-keys").getByLabel("Models", { exact: true }).fill("demo/slow*");
  await page.keyboard.press("Enter");
  await page.getByText("Models changed").waitFor();
  // The tooltip of the button is no part of the page.
  await page.mouse.move(0, 0);
  await page.getByRole("tooltip").waitFor({ state: "detached" });
  await visit.assertAccessible("the limits of a key");
  await visit.screenshot("settings-key-limits");
  await assertSoon(async () => {
    const refused = await program.chat("demo/fast", "not mine", { key: key.key });
    await refused.text();
    assert.ok(refused.status >= 400, `${refused.status}`);
  });
  await page.getByLabel("Accept this key").click({ force: true });
  await page.getByText("Accept this key changed").waitFor();
  await assertSoon(async () => {
    const refused = await program.chat("demo/slow", "no more", { key: key.key });
    await refused.text();
    assert.equal(refused.status, 401);
  });
  await program.admin("DELETE", `/keys/${key.id}`);
}

/** The journeys about balance, rest and network. */
export const balanceJourneys = [
  seesAnAccountRestAndRetriesIt,
  putsAccountsInOrder,
  setsWeightAndPace,
  findsTheWrongProxy,
  choosesAPolicyAndTakesItBack,
  limitsAKey,
];
