// The first steps, on a program that has not shown them yet.

async function takesTheFirstSteps({ visit, program }) {
  const { page } = visit;
  await program.admin("PATCH", "/settings", { firstRunDone: false });
  await page.goto(`${program.origin}/#/`);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: /Welcome/ }).waitFor();
  await visit.assertAccessible("the first step");
  await visit.screenshot("first-run-look");
  // The keyboard alone leads through.
  await page.keyboard.press("Enter");
  await page.getByText("An editor or agent").or(page.getByText("Models come with accounts")).waitFor();
  await page.goto(`${program.origin}/#/welcome?step=account`);
  await page.getByText("Sign in, or paste a key").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Search services").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await visit.assertAccessible("the step of accounts");
  await visit.screenshot("first-run-account");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("Base URL").waitFor();
  await visit.screenshot("first-run-connect");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Model").selectOption("demo/chat");
  await page.getByRole("button", { name: /^Send/ }).click();
  await page.getByText("Its row arrived").waitFor();
  await visit.assertAccessible("the last step");
  await visit.screenshot("first-run-try");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

/** The journeys of the first start. */
export const firstRunJourneys = [takesTheFirstSteps];
