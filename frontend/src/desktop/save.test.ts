import { http, HttpResponse } from "msw";
import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/client";
import { server } from "@/testing/program";
import { saveAs } from "./save";

interface Host {
  go?: unknown;
}

afterEach(() => {
  delete (window as Host).go;
  vi.restoreAllMocks();
});

function downloads(): string[] {
  const names: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download);
  });
  return names;
}

test("a browser downloads the answer under its name", async () => {
  server.use(http.get("/api/keys.csv", () => HttpResponse.text("id,name")));
  const names = downloads();
  expect(await saveAs("keys.csv", "/keys.csv")).toBe(true);
  expect(names).toEqual(["keys.csv"]);
});

test("a refused download says why, and saves nothing", async () => {
  server.use(
    http.post("/api/backup", () =>
      HttpResponse.json({ detail: "the password is too short" }, { status: 422 }),
    ),
  );
  const names = downloads();
  const saving = saveAs("all.zip", "/backup", { method: "POST", body: "{}" });
  await expect(saving).rejects.toThrow(new ApiError(422, "the password is too short"));
  expect(names).toEqual([]);
});

test("in the window the program asks where, and writes the file itself", async () => {
  const asked: string[][] = [];
  const answers = [true, false];
  const SaveAs = (...args: string[]) => {
    asked.push(args);
    return Promise.resolve(answers.shift());
  };
  (window as Host).go = { main: { App: { SaveAs } } };
  expect(await saveAs("log.jsonl", "/exchanges/export")).toBe(true);
  expect(await saveAs("all.zip", "/backup", { method: "POST", body: '{"secrets":true}' })).toBe(false);
  expect(asked).toEqual([
    ["log.jsonl", "GET", "/api/exchanges/export", ""],
    ["all.zip", "POST", "/api/backup", '{"secrets":true}'],
  ]);
});

test("what the window could not write is an error with a message", async () => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const SaveAs = () => Promise.reject("the disk is full");
  (window as Host).go = { main: { App: { SaveAs } } };
  await expect(saveAs("log.jsonl", "/exchanges/export")).rejects.toThrow("the disk is full");
});
