// The stand-in's side of the accounts: it keeps what it is told, and leaves
// every state to the test.
import { http, HttpResponse } from "msw";
import type { Account, AccountPatch, NewAccount, NewSignIn } from "@/api/types";
import { account, signIn, standing } from "./accounts";
import { problem, program, record } from "./state";

function change(id: number, patch: Partial<Account>) {
  program.accounts = program.accounts.map((one) => (one.id === id ? { ...one, ...patch } : one));
  const changed = program.accounts.find((one) => one.id === id);
  return changed ? HttpResponse.json(changed) : problem(404, "there is no such account");
}

/** What a patch does: a new key is checked, everything else is taken over. */
function applied({ key, models, settings, pace, ...rest }: AccountPatch): Partial<Account> {
  return {
    ...rest,
    ...(pace ? { pace, paceDefault: false } : {}),
    ...(models ? { listed: models } : {}),
    ...(settings ? { settings } : {}),
    ...(key ? { state: "checking" as const, reason: "" } : {}),
  };
}

function changeSignIn(state: Partial<typeof program.signIn>) {
  program.signIn = { ...program.signIn, ...state };
  return HttpResponse.json(program.signIn);
}

export const accountRoutes = [
  http.get("*/api/providers", () => HttpResponse.json({ providers: program.providers })),
  http.get("*/api/accounts", () => HttpResponse.json({ accounts: program.accounts })),
  http.post("*/api/accounts", async ({ request }) => {
    const { key, models, ...rest } = (await record(request)) as NewAccount;
    const added = account(program.accounts.length + 1, {
      name: "New account",
      state: "checking",
      hasSecret: Boolean(key),
      listed: models ?? [],
      ...rest,
    });
    program.accounts = [...program.accounts, added];
    return HttpResponse.json(added);
  }),
  http.patch("*/api/accounts/:id", async ({ request, params }) =>
    change(Number(params.id), applied((await record(request)) as AccountPatch)),
  ),
  http.delete("*/api/accounts/:id", async ({ request, params }) => {
    await record(request);
    program.accounts = program.accounts.filter(({ id }) => id !== Number(params.id));
    return new HttpResponse(null, { status: 204 });
  }),
  http.post("*/api/accounts/:id/test", async ({ request, params }) => {
    await record(request);
    return change(Number(params.id), { state: "ready", reason: "", link: "", instead: [] });
  }),

  http.post("*/api/accounts/:id/retry", async ({ request, params }) => {
    await record(request);
    return change(Number(params.id), { standing: standing({ state: "trying" }) });
  }),
  http.put("*/api/accounts/order", async ({ request }) => {
    const { ids } = (await record(request)) as { ids: number[] };
    const place = ({ id }: Account) => (ids.includes(id) ? ids.indexOf(id) : ids.length);
    program.accounts = program.accounts.toSorted((a, b) => place(a) - place(b));
    return new HttpResponse(null, { status: 204 });
  }),

  http.post("*/api/sign-ins", async ({ request }) => {
    const { provider, way, method = "browser", accountId = 0 } = (await record(request)) as NewSignIn;
    program.signIn = signIn({ provider, way, method, accountId, known: accountId > 0, ...program.signInIs });
    return HttpResponse.json(program.signIn);
  }),
  http.get("*/api/sign-ins/:id", () => HttpResponse.json(program.signIn)),
  http.post("*/api/sign-ins/:id/answer", async ({ request }) => {
    const { text } = (await record(request)) as { text: string };
    if (!text.includes("code=")) return changeSignIn({ problem: "there is no code in this address" });
    return changeSignIn({ problem: "", state: "confirm", identity: "ada@acme.example" });
  }),
  http.post("*/api/sign-ins/:id/confirm", async ({ request }) => {
    await record(request);
    return changeSignIn({ state: "checking" });
  }),
  http.delete("*/api/sign-ins/:id", async ({ request }) => {
    await record(request);
    program.signIn = { ...program.signIn, state: "canceled" };
    return new HttpResponse(null, { status: 204 });
  }),

  http.get("*/api/imports/found", () => HttpResponse.json({ sources: program.found })),
  http.post("*/api/imports/preview", async ({ request }) => {
    await record(request);
    return HttpResponse.json({ format: "original", path: "/found", notes: [], finds: program.finds });
  }),
  http.post("*/api/imports", async ({ request }) => {
    const { keys } = (await record(request)) as { keys: string[] };
    const added = keys.map((name, index) => account(100 + index, { name, state: "checking" }));
    program.accounts = [...program.accounts, ...added];
    const skipped = program.finds.length - added.length;
    return HttpResponse.json({ added, updated: [], skipped });
  }),
];
