// A stand-in for the program behind the admin API, with a state that tests set
// and read.
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { KeyPatch, Settings } from "@/api/types";
import { accountRoutes } from "./accountRoutes";
import { figureRoutes } from "./figureRoutes";
import { modelRoutes } from "./models";
import { apiKey } from "./samples";
import { problem, program, record } from "./state";

export { problem, program };

function pageOf(query: URLSearchParams) {
  const before = Number(query.get("before") ?? 0) || Infinity;
  const limit = Number(query.get("limit"));
  const text = query.get("text") ?? "";
  const all = program.exchanges.filter(
    ({ asked, status }) =>
      asked.includes(text) &&
      (query.get("class") === "error" ? status >= 400 : query.get("class") === "ok" ? status < 400 : true),
  );
  const rest = all.filter(({ id }) => id < before);
  const exchanges = rest.slice(0, limit);
  return { exchanges, next: rest.length > limit ? (exchanges.at(-1)?.id ?? 0) : 0, total: all.length };
}

export const server = setupServer(
  http.get("*/api/status", () => HttpResponse.json(program.status)),
  http.get("*/api/updates", () => HttpResponse.json({ version: "", notes: "", link: "", problem: "" })),
  http.get("*/api/settings", () => HttpResponse.json(program.settings)),
  http.patch("*/api/settings", async ({ request }) => {
    const body = (await record(request)) as Partial<Settings>;
    program.settings = { ...program.settings, ...body };
    return HttpResponse.json(program.settings);
  }),
  http.post("*/api/listener", async ({ request }) => {
    const body = (await record(request)) as { running: boolean };
    program.status.listener.state = body.running ? "running" : "stopped";
    return HttpResponse.json(program.status.listener);
  }),
  http.post("*/api/session", async ({ request }) => {
    await record(request);
    return new HttpResponse(null, { status: 204 });
  }),
  http.get("*/api/exchanges", ({ request }) => {
    const query = new URL(request.url).searchParams;
    program.queries.push(Object.fromEntries(query));
    return HttpResponse.json(pageOf(query));
  }),
  http.delete("*/api/exchanges", async ({ request }) => {
    await record(request);
    program.exchanges = [];
    return new HttpResponse(null, { status: 204 });
  }),
  http.get("*/api/exchanges/running", () => HttpResponse.json({ exchanges: program.running })),
  http.get("*/api/exchanges/size", () =>
    HttpResponse.json({ bytes: 4096 * program.exchanges.length, exchanges: program.exchanges.length }),
  ),
  http.get("*/api/restore", () => HttpResponse.json({})),
  http.get("*/api/exchanges/choices", () =>
    HttpResponse.json({
      providers: ["demo", "gemini"],
      accounts: [{ id: 7, name: "work" }],
      models: ["demo/chat"],
      clients: ["continue"],
      keys: [],
    }),
  ),
  http.get("*/api/exchanges/:id", ({ params }) => {
    const found = program.details.get(Number(params.id));
    return found ? HttpResponse.json(found) : problem(404, "there is no such request");
  }),
  http.post("*/api/exchanges/:id/replay", async ({ request, params }) => {
    await record(request);
    return HttpResponse.json({ id: Number(params.id) + 1 });
  }),
  http.get("*/api/keys", () => HttpResponse.json({ keys: program.keys.length > 0 ? program.keys : null })),
  http.get("*/api/keys/:id/secret", ({ params }) =>
    HttpResponse.json({ key: `sk-oac-secret-${String(params.id)}` }),
  ),
  http.post("*/api/keys", async ({ request }) => {
    const { name } = (await record(request)) as { name: string };
    const key = apiKey(program.keys.length + 1, { name, masked: "sk-oac-ne…w0" });
    program.keys = [...program.keys, key];
    return HttpResponse.json({ ...key, key: "sk-oac-new-secret" });
  }),
  http.patch("*/api/keys/:id", async ({ request, params }) => {
    const patch = (await record(request)) as KeyPatch;
    program.keys = program.keys.map((key) => (key.id === Number(params.id) ? { ...key, ...patch } : key));
    return HttpResponse.json(program.keys.find(({ id }) => id === Number(params.id)));
  }),
  http.delete("*/api/keys/:id", async ({ request, params }) => {
    await record(request);
    program.keys = program.keys.filter(({ id }) => id !== Number(params.id));
    return new HttpResponse(null, { status: 204 });
  }),
  ...accountRoutes,
  ...figureRoutes,
  http.get("*/api/network", () => HttpResponse.json({ system: program.system })),
  http.post("*/api/network/test", async ({ request }) => {
    await record(request);
    return HttpResponse.json(program.tested);
  }),
  http.get("*/api/routing", () =>
    HttpResponse.json({
      aliases: [],
      running: 0,
      accounts: program.status.accounts,
      signInPace: { requestsPerMinute: 30, requestsPerDay: 1000, maxInFlight: 4 },
    }),
  ),
  ...modelRoutes,
);

// Whoever imports the stand-in has it for the whole file, fresh for each test.
beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});
beforeEach(() => {
  program.reset();
});
afterEach(() => {
  server.resetHandlers();
});
afterAll(() => {
  server.close();
});
