import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { account, rest, standing } from "@/testing/accounts";
import { span } from "@/testing/figureRoutes";
import { problem, program, server } from "@/testing/program";
import { catchCopies, nth, renderPage } from "@/testing/render";
import { exchange } from "@/testing/samples";
import { OverviewPage } from "./OverviewPage";

function open() {
  const view = renderPage(<OverviewPage listenerSwitch={null} />);
  return { ...view, copies: catchCopies() };
}

describe("OverviewPage", () => {
  it("shows today's figures", async () => {
    open();
    await screen.findByText("75%");
    for (const words of ["2 failed", "1,200 / 34K", "310 ms", "0.20 ms", "of 2 ready"]) {
      expect(screen.getByText(words), words).toBeTruthy();
    }
  });

  it("masks the key, copies the real one, and shows it on demand", async () => {
    const { user, copies } = open();
    await user.click(await screen.findByRole("button", { name: "Copy API key" }));
    await waitFor(() => {
      expect(copies).toEqual(["sk-oac-secret-1"]);
    });
    expect(screen.queryByText("sk-oac-secret-1")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Show API key" }));
    expect(await screen.findByText("sk-oac-secret-1")).toBeTruthy();
  });

  it("copies a command that works, with the real key", async () => {
    const { user, copies } = open();
    await user.click(await screen.findByRole("button", { name: "Copy command" }));
    await waitFor(() => {
      expect(copies[0]).toContain("Bearer sk-oac-secret-1");
    });
    expect(screen.getByRole("region", { name: "Try it" }).textContent).toContain("Bearer sk-oac-ab…yz");
  });

  it("teaches the next step before the first request", async () => {
    program.status.listener.state = "stopped";
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: "Start listener" }));
    await waitFor(() => {
      expect(program.changes).toEqual([{ method: "POST", path: "/api/listener", body: { running: true } }]);
    });
    expect(await screen.findByText(/Run this line in a terminal/)).toBeTruthy();
  });

  it("offers Demo to whoever has no account yet", async () => {
    program.status.demo = false;
    program.status.accounts = { total: 0, ready: 0, resting: 0, signIn: 0 };
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: "Turn on Demo" }));
    await waitFor(() => {
      expect(program.changes).toEqual([{ method: "PATCH", path: "/api/settings", body: { demo: true } }]);
    });
  });

  it("lists the last ten requests, running ones first, and opens them", async () => {
    program.running = [exchange(30, { running: true, status: 0, asked: "demo/slow" })];
    program.exchanges = Array.from({ length: 12 }, (_, index) => exchange(20 - index));
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: "demo/slow" }));
    expect(window.location.hash).toContain("request=30");
    const last = within(screen.getByRole("region", { name: "Last requests" }));
    expect(last.getAllByRole("row")).toHaveLength(1 + 10);
  });

  it("lists the accounts that need somebody, with the first thing to do", async () => {
    program.status.accounts = { total: 8, ready: 1, resting: 0, signIn: 0 };
    program.accounts = [
      account(1),
      account(2, { name: "ada@acme.example", way: "cli", state: "signIn", reason: "revoked" }),
      account(3, { state: "signIn", reason: "wrong key" }),
      account(4, { state: "unreachable", reason: "no network" }),
      account(5, { state: "off" }),
      ...[6, 7, 8].map((id) => account(id, { state: "refused" as const })),
    ];
    const { user } = open();
    const panel = within(await screen.findByRole("region", { name: "Accounts that need you" }));
    expect(panel.getByText("a•••@acme.example")).toBeTruthy();
    expect(panel.queryByText("Account 1")).toBeNull();
    expect(panel.queryByText("Account 5")).toBeNull();
    expect(await panel.findByText("New key needed")).toBeTruthy();
    expect(panel.getByRole("link", { name: "1 more account" })).toBeTruthy();
    await user.click(nth(panel.getAllByRole("button", { name: "Test again" })));
    await waitFor(() => {
      expect(program.changes[0]?.path).toBe("/api/accounts/4/test");
    });
    await user.click(panel.getByRole("link", { name: "Sign in again" }));
    expect(window.location.hash).toBe("#/accounts?dialog=signIn&account=2");
  });

  it("lists the accounts that rest, the soonest first, and tries one now when asked", async () => {
    program.status.accounts = { total: 4, ready: 1, resting: 2, signIn: 1 };
    program.accounts = [
      account(1),
      account(2, { standing: standing({ state: "resting", rest: rest(600) }) }),
      account(3, { standing: standing({ state: "resting", rest: rest(61) }) }),
      account(4, { state: "signIn", reason: "wrong key" }),
    ];
    const { user } = open();
    const panel = within(await screen.findByRole("region", { name: "Accounts that need you" }));
    await panel.findByText("New key needed");
    const names = panel.getAllByRole("listitem").map((line) => line.firstElementChild?.textContent);
    expect(names).toEqual(["Account 4", "Account 3", "Account 2"]);
    expect(panel.getAllByText(/^Rests/).map(({ textContent }) => textContent)[0]).toMatch(/^Rests 01:0[01]$/);
    expect(panel.getAllByText(/takes no more requests for now/)).toHaveLength(2);
    await user.click(nth(panel.getAllByRole("button", { name: "Retry now" })));
    await waitFor(() => {
      expect(program.changes[0]?.path).toBe("/api/accounts/3/retry");
    });
    await waitFor(() => {
      expect(panel.queryByText("Account 3")).toBeNull();
    });
  });

  it("says what is wrong with the settings file, and what else needs a look", async () => {
    program.status.configProblem = "line 3: port: want a number";
    program.status.warnings = ["the key of Qwen is written in the settings file"];
    open();
    expect(await screen.findByText("line 3: port: want a number")).toBeTruthy();
    expect(screen.getByText("the key of Qwen is written in the settings file")).toBeTruthy();
  });

  it("draws requests by provider, and says each bar to the keyboard", async () => {
    const { user } = open();
    const chart = await screen.findByRole("slider", { name: "Requests over time, by provider" });
    expect(chart.getAttribute("aria-valuetext")).toMatch(/3 requests · gemini 1 · demo 2 · 1 failed$/);
    chart.focus();
    await user.keyboard("{ArrowLeft}");
    expect(chart.getAttribute("aria-valuetext")).toMatch(/· 3 requests · gemini 3$/);
    await user.keyboard("{Home}");
    expect(chart.getAttribute("aria-valuetext")).toMatch(/· 0 requests$/);
  });

  it("shows the chart as a table too", async () => {
    const { user } = open();
    await user.click(await screen.findByRole("radio", { name: "Table" }));
    const rows = within(await screen.findByRole("region", { name: "Table" })).getAllByRole("row");
    expect(rows.map((row) => [...row.children].slice(1).map(({ textContent }) => textContent))).toEqual([
      [expect.any(String), expect.any(String), "Failed", "All"],
      ["1", "2", "1", "3"],
      ["3", "0", "0", "3"],
    ]);
  });

  it("asks for another range", async () => {
    const ranges: (string | null)[] = [];
    server.use(
      http.get("*/api/figures", ({ request }) => {
        ranges.push(new URL(request.url).searchParams.get("range"));
        return HttpResponse.json(span());
      }),
    );
    const { user } = open();
    await user.click(await screen.findByRole("radio", { name: "Week" }));
    await waitFor(() => {
      expect(ranges).toEqual(["hour", "week"]);
    });
  });

  it("says what the models cost, and what is not in the sum", async () => {
    open();
    const costs = within((await screen.findAllByRole("region", { name: "Costs" }))[0] ?? document.body);
    const [, first, second, third, sum] = costs.getAllByRole("row").map(({ textContent }) => textContent);
    expect(first).toMatch(/gemini-2.5-pro.*\$0.19 list price$/);
    expect(second).toMatch(/new-model.*no price$/);
    expect(third).toMatch(/chat.*\$0.00 not billed$/);
    expect(sum).toBe("Total$0.19");
    expect(
      costs.getByText(/1 request has no price and is not in the total. 2 requests count as 0/),
    ).toBeTruthy();
    expect(costs.getByText(/as of 2025-11-30/)).toBeTruthy();
  });

  it("says when the figures cannot be read, and reads them again", async () => {
    server.use(http.get("*/api/figures", () => problem(500, "the disk is full"), { once: true }));
    const { user } = open();
    expect(await screen.findByText("the disk is full")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("slider")).toBeTruthy();
  });
});
