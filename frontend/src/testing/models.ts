// Models and aliases as tests start from them, and the stand-in's side of them.
import { http, HttpResponse } from "msw";
import type { Alias, Model, ModelsPatch } from "@/api/types";
import { program, record } from "./state";

/** Says what the program would of an alias: a name that is on no list is unknown. */
function stateOf({ name, models }: Alias) {
  const known = new Set([...program.models.map(({ id }) => id), ...program.aliases.map((one) => one.name)]);
  return { name, models, unknown: models.filter((model) => !known.has(model)), covers: "", blocked: false };
}

export const modelRoutes = [
  http.get("*/api/models", () => HttpResponse.json({ models: program.models })),
  http.patch("*/api/models", async ({ request }) => {
    const { models, ...change } = (await record(request)) as ModelsPatch;
    program.models = program.models.map((one): Model =>
      models.includes(one.id) ? { ...one, ...change } : one,
    );
    return new HttpResponse(null, { status: 204 });
  }),
  http.post("*/api/models/refresh", async ({ request }) => {
    await record(request);
    program.accounts = program.accounts.map((one) => (one.enabled ? { ...one, state: "checking" } : one));
    return new HttpResponse(null, { status: 204 });
  }),
  http.post("*/api/models/test", async ({ request }) => {
    const { model } = (await record(request)) as { model: string };
    return HttpResponse.json({ ...program.trial, model });
  }),
  http.get("*/api/aliases", () => HttpResponse.json({ aliases: program.aliases.map(stateOf) })),
  http.put("*/api/aliases", async ({ request }) => {
    program.aliases = ((await record(request)) as { aliases: Alias[] }).aliases;
    return HttpResponse.json({ aliases: program.aliases.map(stateOf) });
  }),
];
