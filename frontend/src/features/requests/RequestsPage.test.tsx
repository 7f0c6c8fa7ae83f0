import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { createEventSink } from "@/app/useProgramEvents";
import { problem, program, server } from "@/testing/program";
import { renderPage } from "@/testing/render";
import { exchange } from "@/testing/samples";
import RequestsPage from "./RequestsPage";

const lines = () => within(screen.getByRole("grid")).getAllByRole("row").slice(1);

describe("RequestsPage", () => {
  it("shows the log newest first, running requests on top", async () => {
    program.exchanges = [exchange(3, { asked: "demo/fast" }), exchange(2)];
    program.running = [exchange(4, { running: true, status: 0, asked: "demo/slow" })];
    renderPage(<RequestsPage />, "/requests");
    await screen.findByText("demo/slow");
    expect(lines().map(({ id }) => id)).toEqual(["request-4", "request-3", "request-2"]);
    expect(screen.getByText("2 requests")).toBeTruthy();
    expect(screen.getByText("1 running")).toBeTruthy();
  });

  it("teaches the next step when nothing has come in", async () => {
    renderPage(<RequestsPage />, "/requests");
    expect(await screen.findByText("Nothing has come in yet")).toBeTruthy();
  });

  it("asks for a class of statuses, and keeps it in the address", async () => {
    program.exchanges = [exchange(2, { status: 502 }), exchange(1)];
    const { user } = renderPage(<RequestsPage />, "/requests");
    await user.click(await screen.findByRole("radio", { name: "Errors" }));
    await waitFor(() => {
      expect(lines()).toHaveLength(1);
    });
    expect(program.queries.at(-1)).toMatchObject({ class: "error" });
    expect(window.location.hash).toContain("class=error");
  });

  it("searches after a pause in typing, and keeps the text in the address", async () => {
    program.exchanges = [exchange(2, { asked: "demo/fast" }), exchange(1)];
    const { user } = renderPage(<RequestsPage />, "/requests");
    await screen.findByText("demo/fast");
    await user.type(screen.getByRole("searchbox"), "fast");
    await waitFor(() => {
      expect(lines()).toHaveLength(1);
    });
    expect(window.location.hash).toContain("text=fast");
    expect(program.queries.map(({ text }) => text)).not.toContain("fa");
  });

  it("says when nothing matches, and how to see all again", async () => {
    program.exchanges = [exchange(1)];
    const { user } = renderPage(<RequestsPage />, "/requests?text=nothing");
    await screen.findByText("No request matches");
    await user.click(screen.getByRole("button", { name: "Show all" }));
    await waitFor(() => {
      expect(lines()).toHaveLength(1);
    });
    expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("");
  });

  it("stands still while paused, counts what is new, and goes on", async () => {
    program.exchanges = [exchange(1)];
    const { user, client } = renderPage(<RequestsPage />, "/requests");
    await screen.findByText("demo/chat");
    await user.click(screen.getByRole("button", { name: "Pause" }));
    program.exchanges = [exchange(3), exchange(2), exchange(1)];
    createEventSink(client).receive({ kind: "exchanges" });
    expect(await screen.findByText("2 new")).toBeTruthy();
    expect(lines()).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: /Resume/ }));
    expect(lines()).toHaveLength(3);
  });

  it("shows what ends, in its place", async () => {
    program.exchanges = [exchange(1)];
    const { client } = renderPage(<RequestsPage />, "/requests");
    await screen.findByText("demo/chat");
    program.exchanges = [exchange(2, { asked: "demo/fast" }), exchange(1)];
    createEventSink(client).receive({ kind: "exchanges" });
    await screen.findByText("demo/fast");
    expect(lines().map(({ id }) => id)).toEqual(["request-2", "request-1"]);
  });

  it("clears the log only after a question", async () => {
    program.exchanges = [exchange(1)];
    const { user } = renderPage(<RequestsPage />, "/requests");
    await user.click(await screen.findByRole("button", { name: "Clear log" }));
    const dialog = await screen.findByRole("dialog");
    expect(program.changes).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Clear log" }));
    expect(await screen.findByText("Nothing has come in yet")).toBeTruthy();
    expect(program.changes).toEqual([{ method: "DELETE", path: "/api/exchanges", body: undefined }]);
  });

  it("says what went wrong, and tries again", async () => {
    server.use(http.get("*/api/exchanges", () => problem(500, "the disk is full"), { once: true }));
    program.exchanges = [exchange(1)];
    const { user } = renderPage(<RequestsPage />, "/requests");
    expect(await screen.findByText("the disk is full")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("demo/chat")).toBeTruthy();
  });

  it("opens a request by the address, so that it can be shared", async () => {
    program.exchanges = [exchange(7)];
    const { user } = renderPage(<RequestsPage />, "/requests");
    await user.click(await screen.findByText("demo/chat"));
    expect(window.location.hash).toContain("request=7");
  });

  it("says which bodies are kept", async () => {
    program.settings.keepBodies = "all";
    renderPage(<RequestsPage />, "/requests");
    expect(await screen.findByText(/Bodies are kept for every request/)).toBeTruthy();
  });

  it("narrows the log by the address, and by the menu", async () => {
    program.exchanges = [exchange(1)];
    const { user } = renderPage(<RequestsPage />, "/requests?client=continue&since=24h");
    await screen.findByRole("grid");
    expect(program.queries.at(-1)).toMatchObject({
      client: "continue",
      from: expect.stringMatching(/^20/) as string,
    });
    await user.click(screen.getByRole("button", { name: "Filter · 2" }));
    await user.click(await screen.findByRole("combobox", { name: "Provider" }));
    await user.click(await screen.findByRole("option", { name: "gemini" }));
    await screen.findByRole("button", { name: "Filter · 3" });
    expect(program.queries.at(-1)).toMatchObject({ provider: "gemini", client: "continue" });
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    await screen.findByRole("button", { name: "Filter" });
  });
});
