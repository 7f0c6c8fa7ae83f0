import { act, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Account } from "@/api/types";
import { account, inSeconds, modelStanding, quota, rest, standing } from "@/testing/accounts";
import { nth } from "@/testing/render";
import { program } from "@/testing/program";
import { renderPage } from "@/testing/render";
import AccountsPage from "./AccountsPage";

afterEach(() => {
  vi.useRealTimers();
});

async function open(...accounts: Account[]) {
  program.accounts = accounts;
  const view = renderPage(<AccountsPage />, "/accounts");
  await screen.findAllByRole("article");
  return view;
}

function card(name: string) {
  return within(screen.getByRole("article", { name }));
}

const resting = (seconds: number) => standing({ state: "resting", rest: rest(seconds) });

describe("an account that rests", () => {
  it("TestB01: says why, until when by whose word, and is tried now when asked", async () => {
    const { user } = await open(account(1, { standing: resting(252) }));
    const one = card("Account 1");
    expect(one.getByText(/^Rests/).textContent).toMatch(/^Rests 04:1[0-2]/);
    expect(
      one.getByText(/takes no more requests for now\. Until .*: the service's hint\. “Slow down”/),
    ).toBeTruthy();
    await user.click(one.getByRole("button", { name: "Retry now" }));
    expect(await one.findByText("Being tried")).toBeTruthy();
    expect(program.changes).toEqual([{ method: "POST", path: "/api/accounts/1/retry", body: {} }]);
  });

  it("counts down, and is being tried when its time has come", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ["setTimeout", "clearTimeout", "Date"] });
    await open(account(1, { standing: resting(3) }));
    const one = card("Account 1");
    const before = one.getByText(/^Rests/).textContent;
    await act(() => vi.advanceTimersByTimeAsync(1000));
    expect(one.getByText(/^Rests/).textContent).not.toBe(before);
    await act(() => vi.advanceTimersByTimeAsync(3000));
    expect(one.getByText("Being tried")).toBeTruthy();
    expect(screen.getByRole("radio", { name: "Being tried 1" })).toBeTruthy();
  });

  it.each([
    ["reset", "quota", /quota at the service is used up\. Until .*: the quota's reset\./],
    ["own", "overloaded", /no capacity\. Until .*: our own pause\./],
  ] as const)("names the source %s", async (source, kind, words) => {
    await open(account(1, { standing: standing({ state: "resting", rest: rest(60, { source, kind }) }) }));
    expect(card("Account 1").getByText(words)).toBeTruthy();
  });

  it("is asked for a new key when a request found it refused", async () => {
    const { until: _until, ...refused } = rest(0, { source: "refused", kind: "auth", said: "revoked" });
    await open(account(1, { standing: standing({ state: "resting", rest: refused }) }));
    const one = card("Account 1");
    expect(one.getByText("New key needed")).toBeTruthy();
    expect(one.getByText(/refused its credential\. Waiting does not mend it\. “revoked”/)).toBeTruthy();
    expect(one.getByRole("button", { name: "New key" })).toBeTruthy();
  });

  it("TestB02: lists the models that rest alone, each with its own retry", async () => {
    const models = [
      modelStanding("pro", { rest: rest(130) }),
      modelStanding("flash", { state: "paced", freeAt: inSeconds(30) }),
      modelStanding("lite", { state: "ready" }),
    ];
    const { user } = await open(account(1, { standing: standing({ models }) }));
    const one = card("Account 1");
    expect(one.getByText("Ready")).toBeTruthy();
    const lines = within(one.getByRole("list", { name: "Models that rest" })).getAllByRole("listitem");
    expect(lines.map((line) => within(line).getByRole("code").textContent)).toEqual(["pro", "flash"]);
    expect(within(nth(lines, 1)).queryByRole("button")).toBeNull();
    await user.click(one.getByRole("button", { name: "Retry now: pro" }));
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({ model: "pro" });
    });
  });

  it("TestB56: is counted and found by its state", async () => {
    const { user } = await open(account(1), account(2, { standing: resting(60) }));
    await user.click(screen.getByRole("radio", { name: "Rests 1" }));
    await waitFor(() => {
      expect(screen.queryByRole("article", { name: "Account 1" })).toBeNull();
    });
    expect(screen.getByRole("radio", { name: "All 2" })).toBeTruthy();
    expect(screen.getByText("1 of 2 accounts shown")).toBeTruthy();
  });
});

describe("what an account does", () => {
  it("TestB11: shows its pace, used and allowed", async () => {
    await open(
      account(1, {
        pace: { requestsPerMinute: 30, requestsPerDay: 1000, maxInFlight: 4 },
        standing: standing({ minute: 3, day: 120, inFlight: 1 }),
        today: { requests: 128, failures: 3, tokensIn: 12_300, tokensOut: 900 },
      }),
    );
    for (const words of [
      "128 requests today",
      "97.6% OK",
      "12.3K tokens in, 900 out",
      "3/30 a minute",
      "120/1,000 a day",
      "1/4 at once",
    ]) {
      expect(card("Account 1").getByText(words), words).toBeTruthy();
    }
  });

  it("says its last 24 hours in words", async () => {
    const dots = account(1).dots.map((dot, hour) =>
      hour === 20 ? { requests: 5, failures: 2 } : hour === 23 ? { requests: 3, failures: 0 } : dot,
    );
    await open(account(1, { dots }), account(2));
    const one = card("Account 1").getByRole("img");
    expect(one.getAttribute("aria-label")).toBe("Last 24 hours: 8 requests, 2 failed, the last 3 hours ago");
    expect(within(one).getByTitle("in the last hour: 3 requests, 0 failed")).toBeTruthy();
    expect(card("Account 2").getByRole("img").getAttribute("aria-label")).toBe("Last 24 hours: no request");
  });

  it("says how a quota is known, and marks a guess", async () => {
    await open(
      account(1, {
        quotas: [
          quota("pro", { left: 10, limit: 50, unit: "requests", source: "headers" }),
          quota("flash", { remaining: 0.5, source: "estimate" }),
        ],
      }),
    );
    const one = card("Account 1");
    expect(one.getByText("10 of 50 requests left")).toBeTruthy();
    expect(one.getByText(/^from the headers of an answer/)).toBeTruthy();
    expect(one.getByText("≈ 50% left")).toBeTruthy();
    expect(one.getByText(/^estimated from our own requests/)).toBeTruthy();
  });
});

describe("the order of the accounts", () => {
  const names = () =>
    screen.getAllByRole("article").map((one) => within(one).getByRole("heading").textContent);

  it("is changed with the arrow keys, which keep the focus, and announced", async () => {
    const { user } = await open(
      account(1),
      account(2),
      account(3),
      account(4, { provider: "local", way: "lm" }),
    );
    screen.getByRole("button", { name: "Move Account 3" }).focus();
    await user.keyboard("{ArrowUp}");
    await waitFor(() => {
      expect(names()).toEqual(["Account 1", "Account 3", "Account 2", "Account 4"]);
    });
    expect(program.changes).toEqual([
      { method: "PUT", path: "/api/accounts/order", body: { ids: [1, 3, 2, 4] } },
    ]);
    expect(screen.getByText("Account 3 is now 2 of 3")).toBeTruthy();
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Move Account 3");
    // An account alone at its provider has nobody to change places with.
    expect(screen.queryByRole("button", { name: "Move Account 4" })).toBeNull();
  });

  it("is changed by the menu, which offers only what does something", async () => {
    const { user } = await open(account(1), account(2));
    await user.click(screen.getByRole("button", { name: "Actions for Account 1" }));
    expect(screen.queryByRole("menuitem", { name: "Move up" })).toBeNull();
    await user.click(await screen.findByRole("menuitem", { name: "Move down" }));
    await waitFor(() => {
      expect(names()).toEqual(["Account 2", "Account 1"]);
    });
  });

  it("leaves what stands in another program's file where it is", async () => {
    await open(account(-4, { original: true, name: "Old" }), account(2), account(3));
    expect(screen.queryByRole("button", { name: "Move Old" })).toBeNull();
    expect(screen.getByRole("button", { name: "Move Account 2" })).toBeTruthy();
  });
});
