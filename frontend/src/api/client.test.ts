import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";
import { problem, server } from "@/testing/program";
import { allExchanges, api, ApiError } from "./client";

it("names the field that the program objects to", async () => {
  const errors = [{ location: "body.port", message: "expected number <= 65535" }];
  server.use(http.patch("*/api/settings", () => problem(422, "validation failed", errors)));
  const error: unknown = await api.changeSettings({ port: 70_000 }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 422, fields: { port: "expected number <= 65535" } });
});

it("says something even when the answer is no problem document", async () => {
  server.use(http.get("*/api/status", () => new HttpResponse("<html>", { status: 502 })));
  await expect(api.status()).rejects.toMatchObject({ status: 502, message: "HTTP 502" });
});

it("tells a lost connection from a refusal", async () => {
  server.use(http.get("*/api/status", () => HttpResponse.error()));
  await expect(api.status()).rejects.toMatchObject({ status: 0 });
});

it("marks what changes something as coming from our pages, and nothing else", async () => {
  const marks: [string, string | null][] = [];
  const mark = ({ request }: { request: Request }) => {
    marks.push([request.method, request.headers.get("X-Requested-With")]);
    return HttpResponse.json({ exchanges: null });
  };
  server.use(http.get("*/api/exchanges/running", mark), http.delete("*/api/exchanges", mark));
  expect(await api.runningExchanges()).toEqual({ exchanges: [] });
  await api.wipeExchanges();
  expect(marks).toEqual([
    ["GET", null],
    ["DELETE", "openaicompatible"],
  ]);
});

it("asks for a page of the log by its filter", async () => {
  let asked = "";
  server.use(
    http.get("*/api/exchanges", ({ request }) => {
      asked = new URL(request.url).search;
      return HttpResponse.json({ exchanges: [], next: 0, total: 0 });
    }),
  );
  await api.exchanges({ ...allExchanges, class: "4xx", text: "a b" }, 42, 100);
  expect(asked).toBe("?class=4xx&text=a+b&limit=100&before=42");
  await api.exchanges(allExchanges, 0, 10);
  expect(asked).toBe("?limit=10");
});
