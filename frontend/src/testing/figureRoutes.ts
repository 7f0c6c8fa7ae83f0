// The stand-in's figures and prices.
import { http, HttpResponse } from "msw";
import type { Price, Span } from "@/api/types";
import { record } from "./state";

const steps = 60;

/** Requests of two providers in the last hour; one failed, and one had no price. */
export function span(overrides: Partial<Span> = {}): Span {
  const none = () => Array.from({ length: steps }, () => 0);
  return {
    from: "2026-03-01T10:00:00Z",
    stepMs: 60_000,
    providers: [
      { provider: "gemini", requests: none().with(58, 3).with(59, 1) },
      { provider: "demo", requests: none().with(59, 2) },
    ],
    failed: none().with(59, 1),
    models: [
      {
        model: "gemini-2.5-pro",
        provider: "gemini",
        billing: "list",
        requests: 3,
        tokensIn: 120_000,
        tokensOut: 4000,
        tokensCached: 1000,
        dollars: 0.19,
      },
      {
        model: "new-model",
        provider: "gemini",
        billing: "unknown",
        requests: 1,
        tokensIn: 100,
        tokensOut: 10,
        tokensCached: 0,
      },
      {
        model: "chat",
        provider: "demo",
        billing: "nothing",
        requests: 2,
        tokensIn: 20,
        tokensOut: 20,
        tokensCached: 0,
        dollars: 0,
      },
    ],
    total: { requests: 6, dollars: 0.19, unpriced: 1, untold: 0, unbilled: 2 },
    pricesDate: "2025-11-30",
    ...overrides,
  };
}

const known = [
  {
    title: { en: "OpenAI", zh: "OpenAI 官方" },
    source: "https://platform.openai.com/docs/pricing",
    prices: [{ model: "gpt-5", input: 1.25, cachedInput: 0.125, output: 10 }],
  },
];

/** What the stand-in says of figures and prices; a test may set its own. */
export const figureRoutes = [
  http.get("*/api/figures", () => HttpResponse.json(span())),
  http.get("*/api/prices", () =>
    HttpResponse.json({
      date: "2025-11-30",
      services: known,
      own: [{ model: "mine*", input: 1, output: 2 }],
    }),
  ),
  http.put("*/api/prices", async ({ request }) => {
    const { prices } = (await record(request)) as { prices: Price[] };
    return HttpResponse.json({ date: "2025-11-30", services: known, own: prices });
  }),
];
