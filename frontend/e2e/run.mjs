// The pages in a real browser against the real server. "npm run e2e -- PATTERN"
// runs only what matches.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { launch, Visit } from "./browser.mjs";
import { journeys } from "./journeys.mjs";
import { findProgram, Program } from "./server.mjs";
import { assertSoon } from "./soon.mjs";
import { limitedKey, rightKey, startGoogle, startService } from "./upstream.mjs";
import { walks } from "./walk.mjs";

const wanted = new RegExp(process.argv[2] ?? "", "i");

/** An account that works, one that does not, one with a model that rests, and some finished requests of every kind. */
async function fill(program, service) {
  const settings = { baseUrl: service.baseUrl };
  const add = (name, key) =>
    program.admin("POST", "/accounts", {
      provider: "openaicompat",
      way: "custom",
      name,
      prefix: name,
      key,
      settings,
    });
  await add("works", rightKey);
  await add("refused", "test-wrong-key");
  await add("limited", limitedKey);
  await assertSoon(async () => {
    const { status } = await program.chat("limited/tiny", "too many");
    assert.equal(status, 429);
  });
  await (await program.chat("nosuch/model", "refused", { client: "Cline/3.1" })).text();
  await (await program.chat("demo/error-500", "broken")).text();
  for (let n = 1; n <= 6; n++) {
    await (await program.chat("demo/fast", `question ${n}`, { stream: n % 2 === 0 })).text();
  }
}

function journeyTests(browser, program, services) {
  return journeys.map((journey) => [
    journey.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    async () => {
      const visit = await Visit.open(browser);
      try {
        // The first journey signs in by hand; the others follow the printed link.
        if (journey !== journeys[0]) await visit.page.goto(program.link);
        await journey({ visit, program, ...services });
        visit.assertClean();
      } catch (error) {
        await visit.screenshot(`failed-${journey.name}`);
        throw error;
      } finally {
        await visit.close();
      }
    },
  ]);
}

const folder = await mkdtemp(path.join(tmpdir(), "openaicompatible-e2e-build-"));
const program = await Program.create(findProgram(folder));
const browser = await launch();
const services = { service: await startService(), google: await startGoogle(folder) };
let failed = 0;
let passed = 0;
try {
  await program.admin("PATCH", "/settings", { keepBodies: "all", firstRunDone: true });
  await fill(program, services.service);
  const reset = () => program.admin("PATCH", "/settings", { language: "en", theme: "light" });
  const tests = [
    ...walks(browser, program),
    ["settings again as they were", reset],
    ...journeyTests(browser, program, services),
  ];
  for (const [name, run] of tests.filter(([name]) => wanted.test(name))) {
    try {
      await run();
      passed++;
      console.log(`ok   ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}\n${error.stack}`);
    }
  }
} finally {
  await browser.close();
  await program.remove();
  for (const service of Object.values(services)) await service.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
