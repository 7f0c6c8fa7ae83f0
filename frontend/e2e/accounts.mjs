// What a person does with accounts, against the running program and services
// that stand in for the real ones.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { assertSoon } from "./soon.mjs";
import { rightKey } from "./upstream.mjs";

const dialogOf = (page) => page.getByRole("dialog");
const cardOf = (page, name) => page.getByRole("article", { name });

async function startAdding(page, search, title) {
  await page.getByRole("button", { name: "Add account" }).first().click();
  const dialog = dialogOf(page);
  await dialog.getByLabel("Search services").fill(search);
  await dialog.getByRole("button", { name: title }).click();
  return dialog;
}

async function addsAnAccountWithAKey({ visit, program, service }) {
  const { page } = visit;
  await visit.goto(program, "/accounts");
  const dialog = await startAdding(page, "any address", /^Any address/);
  await dialog.getByLabel("Base URL").fill(service.baseUrl);
  await dialog.getByLabel(/^Key/).fill("test-wrong-key");
  await dialog.getByLabel("Name", { exact: true }).fill("Test service");
  await dialog.getByLabel("Prefix", { exact: true }).fill("testing");
  await visit.assertAccessible("the form of an account");
  await visit.screenshot("account-form");
  await page.keyboard.press("Enter");
  await dialog.getByText("Incorrect API key provided").waitFor();
  await visit.assertAccessible("a refused account");
  await visit.screenshot("account-refused");
  await dialog.getByRole("button", { name: "New key" }).click();
  await dialog.getByLabel(/^Key/).fill(rightKey);
  await page.keyboard.press("Enter");
  await dialog.getByText("It works: 2 models, named testing/…").waitFor();
  await visit.screenshot("account-ready");
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "detached" });
  await cardOf(page, "Test service").getByText("Ready").waitFor();
  await assertSoon(async () => {
    const response = await program.chat("testing/tiny", "hello");
    assert.equal(response.status, 200, await response.text());
  });
}

async function changesAnAccountByItsMenu({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/accounts");
  const choose = async (name, item) => {
    await page.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await page.getByRole("button", { name: "Actions for Test service" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await visit.assertAccessible("the menu of an account");
  await visit.screenshot("account-menu");
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await choose("Test service", /Rename/);
  await dialogOf(page).getByLabel("Name", { exact: true }).fill("Renamed");
  await page.keyboard.press("Enter");
  await choose("Renamed", "Switch off");
  await cardOf(page, "Renamed").getByText("Off", { exact: true }).waitFor();
  await cardOf(page, "Renamed").getByRole("button", { name: "Switch on" }).click();
  await cardOf(page, "Renamed").getByText("Ready").waitFor();
  await choose("Renamed", /Remove/);
  await dialogOf(page).getByRole("button", { name: "Remove" }).click();
  await cardOf(page, "Renamed").waitFor({ state: "detached" });
  const { accounts } = await program.admin("GET", "/accounts");
  assert.ok(!accounts.some(({ name }) => name === "Renamed"), "the account is gone");
}

/** A file as the Gemini CLI keeps it; nothing in it was ever given out. */
const foreignFile = JSON.stringify({
  access_token: "made-up-access",
  refresh_token: "made-up-refresh",
  scope: "https://www.googleapis.com/auth/cloud-platform",
  token_type: "Bearer",
  expiry_date: 1,
});

async function importsAFile({ visit, program }) {
  const { page } = visit;
  await visit.goto(program, "/accounts?dialog=import");
  const dialog = dialogOf(page);
  await visit.assertAccessible("the import");
  await visit.screenshot("import-sources");
  await dialog.locator('input[type="file"]').setInputFiles({
    name: "oauth_creds.json",
    mimeType: "application/json",
    buffer: Buffer.from(foreignFile),
  });
  await dialog.getByRole("table").waitFor();
  await dialog.getByText("New", { exact: true }).waitFor();
  await visit.assertAccessible("the preview of an import");
  await visit.screenshot("import-preview");
  await dialog.getByRole("button", { name: "Import 1 account" }).click();
  await dialog.getByText("1 added · 0 updated · 0 skipped").waitFor();
  await visit.screenshot("import-result");
  await dialog.getByRole("button", { name: "Done" }).click();
  const { accounts } = await program.admin("GET", "/accounts");
  const added = accounts.find(({ provider }) => provider === "gemini");
  assert.ok(added, "the account is there");
  await program.admin("DELETE", `/accounts/${added.id}`);
}

/** Fills in the form of the Google sign-in so that it goes to the stand-in. */
async function startGoogleSignIn(page, google) {
  const dialog = await startAdding(page, "code assist", /Code Assist/);
  await dialog.getByText("More settings").click();
  await dialog.getByLabel("API address").fill(google.address);
  await dialog.getByLabel("Sign-in page").fill(`${google.address}/o/oauth2/v2/auth`);
  await dialog.getByLabel("Token address").fill(`${google.address}/token`);
  return dialog;
}

/** Begins the sign-in, and gives the page that it opened. */
async function openConsent(visit, dialog) {
  const opened = visit.context.waitForEvent("page");
  await dialog.getByRole("button", { name: "Sign in with browser" }).click();
  const consent = await opened;
  await consent.locator("#allow").waitFor();
  return consent;
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function cancelsASignIn({ visit, program, google }) {
  const { page } = visit;
  await visit.goto(program, "/accounts");
  const dialog = await startGoogleSignIn(page, google);
  await visit.screenshot("sign-in-form");
  const consent = await openConsent(visit, dialog);
  await dialog.getByText(/Waiting for you to finish/).waitFor();
  await dialog.getByText("The browser is on another computer").click();
  const tunnel = await dialog.getByText(/^ssh -L/).innerText();
  const port = Number(/-L (\d+):/.exec(tunnel)[1]);
  assert.ok(await isListening(port), "the sign-in waits on its port");
  await dialog.getByLabel("The browser does not come back?").fill("hello");
  await page.keyboard.press("Enter");
  await dialog.locator('[aria-invalid="true"]').waitFor();
  await visit.assertAccessible("a sign-in that waits");
  await visit.screenshot("sign-in-waiting");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  await assertSoon(async () => assert.ok(!(await isListening(port)), "the port is free again"));
  await consent.close();
}

async function signsInWithTheBrowser({ visit, program, google }) {
  const { page } = visit;
  await visit.goto(program, "/accounts");
  const dialog = await startGoogleSignIn(page, google);
  const denied = await openConsent(visit, dialog);
  await denied.locator("#deny").click();
  await dialog.getByText("The sign-in did not work").waitFor();
  await visit.assertAccessible("a sign-in that failed");
  await visit.screenshot("sign-in-denied");
  await denied.close();
  await dialog.getByRole("button", { name: "Try again" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });

  await startGoogleSignIn(page, google);
  const consent = await openConsent(visit, dialog);
  await consent.locator("#allow").click();
  await dialog.getByText("Sign in as dev@example.com?").waitFor();
  await visit.assertAccessible("a sign-in to confirm");
  await visit.screenshot("sign-in-confirm");
  await consent.close();
  await page.keyboard.press("Enter");
  await dialog.getByText(/It works: \d+ models/).waitFor();
  await visit.screenshot("sign-in-done");
  await dialog.getByRole("button", { name: "Done" }).click();
  const card = page.getByRole("article").filter({ hasText: "d•••@example.com" });
  await card.getByText("Ready").waitFor();
  await card.getByRole("button", { name: /Show identity/ }).click();
  await page.getByText("dev@example.com").first().waitFor();
  await visit.assertAccessible("accounts with quotas");
  await visit.screenshot("accounts-google");
}

async function updatesTheAccountThatIsThere({ visit, program, google }) {
  const { page } = visit;
  await visit.goto(program, "/accounts");
  const dialog = await startGoogleSignIn(page, google);
  const consent = await openConsent(visit, dialog);
  await consent.locator("#allow").click();
  await dialog.getByText(/gets the new sign-in/).waitFor();
  await visit.screenshot("sign-in-known");
  await dialog.getByRole("button", { name: "Update account" }).click();
  await dialog.getByText(/It works/).waitFor();
  await consent.close();
  const { accounts } = await program.admin("GET", "/accounts");
  const signedIn = accounts.filter(({ identity }) => identity === "dev@example.com");
  assert.equal(signedIn.length, 1, "it is there once");
  await program.admin("DELETE", `/accounts/${signedIn[0].id}`);
}

/** The journeys with accounts, in an order in which each finds what it needs. */
export const accountJourneys = [
  addsAnAccountWithAKey,
  changesAnAccountByItsMenu,
  importsAFile,
  cancelsASignIn,
  signsInWithTheBrowser,
  updatesTheAccountThatIsThere,
];
