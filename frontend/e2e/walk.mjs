// Every page in both languages and both themes: no finding, no error, a picture of each.
import assert from "node:assert/strict";
import { Visit } from "./browser.mjs";

const words = {
  en: {
    overview: "Overview",
    requests: "Requests",
    accounts: "Accounts",
    connect: "Connect",
    settings: "Settings",
    request: "Request",
    attempts: "Attempts",
    notes: "Notes",
    changes: "Changed on the way",
    response: "Response",
    events: "Events",
    needy: "Accounts that need you",
    add: "Add account",
    search: "Search services",
  },
  "zh-CN": {
    overview: "概览",
    requests: "请求",
    accounts: "账号",
    connect: "接入",
    settings: "设置",
    request: "请求",
    attempts: "尝试",
    notes: "备注",
    changes: "发往上游前的改动",
    response: "回答",
    events: "事件",
    needy: "需要处理的账号",
    add: "添加账号",
    search: "搜索服务",
  },
};
const sizes = [
  { width: 1100, height: 720 },
  { width: 900, height: 600 },
];

/** Nothing may stick out at the sides: a window that is too narrow shows it first. */
async function assertFits(visit, where) {
  const wide = await visit.page.evaluate(() =>
    [document.documentElement, document.querySelector("main"), document.querySelector('[role="grid"]')]
      .filter((element) => element && element.scrollWidth > element.clientWidth + 1)
      .map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`),
  );
  assert.deepEqual(wide, [], `width of ${where}`);
}

async function look(visit, name) {
  await assertFits(visit, name);
  await visit.assertAccessible(name);
  await visit.screenshot(name);
}

async function walkPages(visit, program, language, suffix) {
  const { page } = visit;
  const heading = (name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();

  await page.goto(program.link);
  await heading(words[language].overview);
  await page.getByText("demo/fast").first().waitFor();
  await page.getByRole("region", { name: words[language].needy }).getByRole("listitem").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), language);
  assert.equal(await page.evaluate(() => location.search), "", "the token stays in the address");
  await look(visit, `overview-${suffix}`);

  await page.getByRole("link", { name: words[language].requests, exact: true }).click();
  await heading(words[language].requests);
  const lines = page.locator('[role="row"][id]');
  await lines.first().waitFor();
  await look(visit, `requests-${suffix}`);

  await lines.filter({ hasText: "demo/fast" }).first().click();
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("tab").first().waitFor();
  await drawer.getByRole("table").waitFor();
  await look(visit, `request-${suffix}`);
  await drawer.getByRole("tab", { name: words[language].attempts }).click();
  await drawer.locator("ol").waitFor();
  await look(visit, `attempts-${suffix}`);
  await drawer.getByRole("tab", { name: words[language].notes }).click();
  await drawer.getByRole("tabpanel").waitFor();
  await look(visit, `notes-${suffix}`);
  await drawer.getByRole("tab", { name: words[language].request }).click();
  await drawer.getByRole("region", { name: words[language].changes }).waitFor();
  await look(visit, `sent-${suffix}`);
  await drawer.getByRole("tab", { name: words[language].response }).click();
  await drawer.getByRole("tabpanel").waitFor();
  await look(visit, `response-${suffix}`);
  await drawer.getByText(words[language].events, { exact: true }).click();
  await drawer.getByRole("tabpanel").getByText(words[language].events).first().waitFor();
  await look(visit, `events-${suffix}`);
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  await walkCompare(visit, program, suffix);

  await walkAccounts(visit, words[language], suffix);
  await walkEdit(visit, suffix);
  await walkModels(visit, suffix);
  await walkConnect(visit, words[language], suffix);

  await page.getByRole("link", { name: words[language].settings, exact: true }).click();
  await heading(words[language].settings);
  await page.locator("#section-about").getByText("config.json").waitFor();
  await look(visit, `settings-${suffix}`);
  await page.locator("#section-keys").evaluate((element) => element.scrollIntoView());
  await visit.screenshot(`settings-keys-${suffix}`);
  await page.locator("#section-network").evaluate((element) => element.scrollIntoView());
  await visit.screenshot(`settings-network-${suffix}`);
  for (const part of ["server", "backup", "about"]) {
    await page.locator(`#section-${part}`).evaluate((element) => element.scrollIntoView());
    await visit.screenshot(`settings-${part}-${suffix}`);
  }
}

/** Two requests beside each other, and then the log again. */
async function walkCompare(visit, program, suffix) {
  const { page } = visit;
  const { exchanges } = await program.admin("GET", "/exchanges?limit=2");
  await page.evaluate(
    (ids) => {
      location.hash = `#/requests?compare=${ids}`;
    },
    exchanges.map(({ id }) => id).join(),
  );
  await page.getByRole("table").first().waitFor();
  await look(visit, `compare-${suffix}`);
  await page.keyboard.press("Escape");
  await page.getByRole("grid").waitFor();
}

/** The accounts, and the dialog that adds one: every way's form is one that a provider describes. */
async function walkAccounts(visit, { accounts, add, search }, suffix) {
  const { page } = visit;
  await page.getByRole("link", { name: accounts, exact: true }).click();
  await page.getByRole("article", { name: "works" }).waitFor();
  const limited = page.getByRole("article", { name: "limited" });
  await limited.getByRole("listitem").filter({ hasText: "tiny" }).waitFor();
  await look(visit, `accounts-${suffix}`);
  await page.getByRole("button", { name: add }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(search).waitFor();
  await look(visit, `accounts-add-${suffix}`);
  await page.keyboard.press("Enter");
  await dialog.locator("form").waitFor();
  assert.equal(await dialog.locator('[aria-invalid="true"]').count(), 0, "nothing was sent yet");
  await look(visit, `accounts-form-${suffix}`);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

/** The models, one of them, and the names that stand for them. */
async function walkModels(visit, suffix) {
  const { page } = visit;
  for (const [name, query, there] of [
    ["models", "", page.getByRole("grid")],
    ["model", "?model=demo/fast", page.getByRole("dialog").getByRole("definition")],
    ["aliases", "?view=aliases", page.getByRole("combobox")],
  ]) {
    await page.evaluate((where) => {
      location.hash = `#/models${where}`;
    }, query);
    await there.first().waitFor();
    await look(visit, `${name}-${suffix}`);
  }
  await page.keyboard.press("Escape");
}

/** What is set for one account: a tab each. */
async function walkEdit(visit, suffix) {
  const { page } = visit;
  for (const tab of ["routing", "network"]) {
    await page.evaluate((name) => {
      location.hash = `#/accounts?dialog=edit&account=1&tab=${name}`;
    }, tab);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("tabpanel").waitFor();
    await look(visit, `account-${tab}-${suffix}`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
}

/** The clients: a change that would be made, and steps to follow. */
async function walkConnect(visit, { connect }, suffix) {
  const { page } = visit;
  await page.getByRole("link", { name: connect, exact: true }).click();
  await page.getByRole("article", { name: "Continue" }).waitFor();
  await look(visit, `connect-${suffix}`);
  for (const client of ["gemini-cli", "goose"]) {
    await page.evaluate((name) => {
      location.hash = `#/connect?client=${name}`;
    }, client);
    const dialog = page.getByRole("dialog");
    await dialog.locator("pre").first().waitFor();
    await look(visit, `connect-${client}-${suffix}`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
}

/** The walks, one for each language, theme and size. */
export function walks(browser, program) {
  const tests = [];
  for (const language of ["en", "zh-CN"]) {
    for (const theme of ["light", "dark"]) {
      for (const size of sizes) {
        const suffix = `${theme}-${language}-${size.width}`;
        tests.push([
          `every page: ${language}, ${theme}, ${size.width}×${size.height}`,
          async () => {
            await program.admin("PATCH", "/settings", { language, theme, keepBodies: "all" });
            const visit = await Visit.open(browser, { ...size, theme });
            try {
              await walkPages(visit, program, language, suffix);
              visit.assertClean();
            } finally {
              await visit.close();
            }
          },
        ]);
      }
    }
  }
  return tests;
}
