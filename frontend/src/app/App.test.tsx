import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { problem, program, server } from "@/testing/program";
import "@/testing/render";
import { App } from "./App";
import { redeemToken } from "./session";

beforeEach(() => {
  window.history.replaceState(null, "", "/#/");
});
afterEach(() => {
  document.documentElement.lang = "en";
});

describe("the shell", () => {
  it("walks the pages that exist", async () => {
    const user = userEvent.setup({ delay: null });
    render(<App />);
    await screen.findByText("1.2.3");
    const names = screen
      .getAllByRole("link")
      .slice(1, 8)
      .map((link) => link.textContent);
    expect(names).toEqual([
      "Overview",
      "Requests",
      "Accounts",
      "Models",
      "Connect",
      "Playground",
      "Settings",
    ]);
    await user.click(screen.getByRole("link", { name: "Settings" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Settings" })).toBeTruthy();
  });

  it("has the words of a page that is loaded later", async () => {
    const user = userEvent.setup({ delay: null });
    render(<App />);
    await user.click(await screen.findByRole("link", { name: "Accounts" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Accounts" })).toBeTruthy();
    expect(await screen.findByText("No account yet")).toBeTruthy();
  });

  it("switches the listener by what the socket is", async () => {
    const user = userEvent.setup({ delay: null });
    render(<App />);
    await screen.findAllByText("Running");
    const [first] = screen.getAllByRole<HTMLInputElement>("switch", { name: "Listener" });
    if (first) await user.click(first);
    await vi.waitFor(() => {
      expect(screen.getAllByText("Stopped")).toHaveLength(2);
    });
    expect(first?.checked).toBe(false);
  });

  it("says why the listener failed, and takes a free port", async () => {
    Object.assign(program.status.listener, {
      state: "failed",
      error: "port 8080 is taken by nginx",
      freePort: 8081,
    });
    const user = userEvent.setup({ delay: null });
    render(<App />);
    expect(await screen.findByText("port 8080 is taken by nginx")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Use free port 8081" }));
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({ running: true, port: 8081 });
    });
  });

  it("goes to the search with a slash", async () => {
    const user = userEvent.setup({ delay: null });
    window.location.hash = "/requests";
    render(<App />);
    const search = await screen.findByRole("searchbox");
    await user.keyboard("/");
    expect(document.activeElement).toBe(search);
  });

  it("speaks the language of the settings", async () => {
    program.settings.language = "zh-CN";
    render(<App />);
    expect(await screen.findByRole("heading", { level: 1, name: "概览" })).toBeTruthy();
    expect(document.documentElement.lang).toBe("zh-CN");
  });

  it("says when there is no such page", async () => {
    window.location.hash = "/nowhere";
    render(<App />);
    expect(await screen.findByText("There is no such page")).toBeTruthy();
  });
});

describe("signing in", () => {
  it("asks for the token and goes on", async () => {
    server.use(http.get("*/api/status", () => problem(401, "sign in"), { once: true }));
    const user = userEvent.setup({ delay: null });
    render(<App />);
    await user.type(await screen.findByLabelText("Token"), " abc ");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Overview" })).toBeTruthy();
    expect(program.changes).toEqual([{ method: "POST", path: "/api/session", body: { token: "abc" } }]);
  });

  it("says when the token is wrong", async () => {
    server.use(
      http.get("*/api/status", () => problem(401, "sign in")),
      http.post("*/api/session", () => problem(401, "no")),
    );
    const user = userEvent.setup({ delay: null });
    render(<App />);
    await user.type(await screen.findByLabelText("Token"), "abc{Enter}");
    expect(await screen.findByText(/not the right one/)).toBeTruthy();
  });

  it("takes the token out of the address", async () => {
    window.history.replaceState(null, "", "/?token=abc#/requests");
    await redeemToken();
    expect(program.changes).toEqual([{ method: "POST", path: "/api/session", body: { token: "abc" } }]);
    expect(window.location.search).toBe("");
    expect(window.location.hash).toBe("#/requests");
  });
});
