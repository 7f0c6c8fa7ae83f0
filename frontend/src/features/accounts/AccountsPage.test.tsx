import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { account, quota } from "@/testing/accounts";
import { problem, program, server } from "@/testing/program";
import { nth, renderPage } from "@/testing/render";
import AccountsPage from "./AccountsPage";

function open(query = "") {
  return renderPage(<AccountsPage />, `/accounts${query}`);
}

function card(name: string) {
  return within(screen.getByRole("article", { name }));
}

describe("AccountsPage", () => {
  it("teaches the next step while there is no account", async () => {
    program.status.demo = false;
    const { user } = open();
    await screen.findByText("No account yet");
    await user.click(await screen.findByRole("button", { name: "Turn on Demo" }));
    await waitFor(() => {
      expect(program.changes).toEqual([{ method: "PATCH", path: "/api/settings", body: { demo: true } }]);
    });
    await user.click(nth(screen.getAllByRole("button", { name: "Add account" })));
    expect(await screen.findByLabelText("Search services")).toBe(document.activeElement);
  });

  it("says what is wrong when the accounts cannot be read, and tries again", async () => {
    server.use(http.get("*/api/accounts", () => problem(500, "the file is locked"), { once: true }));
    const { user } = open();
    expect(await screen.findByText("the file is locked")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("No account yet")).toBeTruthy();
  });

  it("groups the accounts by provider, and says of each how it stands", async () => {
    program.accounts = [
      account(1, { provider: "local", way: "lm", name: "Desk" }),
      account(2, { name: "First", tier: "Pro", modelCount: 1 }),
      account(3, { name: "Second", state: "off", enabled: false }),
    ];
    open();
    await screen.findByRole("article", { name: "First" });
    const titles = screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);
    expect(titles).toEqual(["Service acme", "Service local"]);
    expect(screen.getByText("1 of 2 ready")).toBeTruthy();
    for (const words of ["Way key", "Pro", "1 model", "acme/", "ac-12…89", "Ready"]) {
      expect(card("First").getByText(words), words).toBeTruthy();
    }
    expect(card("Second").getByText("Off")).toBeTruthy();
  });

  it("masks an identity until it is asked for", async () => {
    program.accounts = [account(1, { name: "ada@acme.example", identity: "ada@acme.example" })];
    const { user } = open();
    await screen.findByRole("article", { name: "a•••@acme.example" });
    expect(screen.queryByText("ada@acme.example")).toBeNull();
    await user.click(screen.getByRole("button", { name: /Show identity/ }));
    expect(screen.getByText("ada@acme.example")).toBeTruthy();
  });

  it("TestB56: a filter hides no count, and says how to see all", async () => {
    program.accounts = [
      account(1),
      account(2, { state: "refused", reason: "no licence" }),
      account(3, { state: "refused" }),
    ];
    const { user } = open();
    await screen.findByRole("article", { name: "Account 1" });
    expect(screen.getByText("3 accounts")).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "Refused 2" }));
    await waitFor(() => {
      expect(screen.queryByRole("article", { name: "Account 1" })).toBeNull();
    });
    expect(screen.getByText("2 of 3 accounts shown")).toBeTruthy();
    expect(screen.getByRole("radio", { name: "All 3" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show all" }));
    expect(await screen.findByRole("article", { name: "Account 1" })).toBeTruthy();
  });

  it("finds an account by its service, and says when none matches", async () => {
    program.accounts = [account(1), account(2, { provider: "local", way: "lm" })];
    const { user } = open();
    await user.type(await screen.findByLabelText("Search accounts"), "service loc");
    await waitFor(() => {
      expect(screen.getAllByRole("article")).toHaveLength(1);
    });
    await user.type(screen.getByLabelText("Search accounts"), "zzz");
    expect(await screen.findByText("No account matches")).toBeTruthy();
  });

  it("keeps a thousand accounts out of the document but counts them all", async () => {
    program.accounts = Array.from({ length: 1000 }, (_, index) => account(index + 1));
    open();
    await screen.findByRole("article", { name: "Account 1" });
    expect(screen.getAllByRole("article").length).toBeLessThan(60);
    expect(screen.getByText("1000 accounts")).toBeTruthy();
  });
});

describe("an account that is not ready", () => {
  it("TestB21: names the ways that remain, with a button for each", async () => {
    program.accounts = [
      account(1, {
        way: "cli",
        state: "refused",
        reason: "UNSUPPORTED_CLIENT: not served any more",
        link: "https://acme.example/upgrade",
        instead: [
          { provider: "acme", way: "key" },
          { provider: "gone", way: "gone" },
        ],
      }),
    ];
    const { user } = open();
    await screen.findByText("UNSUPPORTED_CLIENT: not served any more");
    const link = screen.getByRole<HTMLAnchorElement>("link", { name: "Open the service's page" });
    expect(link.href).toBe("https://acme.example/upgrade");
    await user.click(screen.getByRole("button", { name: "Use Way key" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("Service acme · Way key")).toBeTruthy();
  });

  it("makes no link of what is no web address", async () => {
    program.accounts = [account(1, { state: "refused", reason: "no", link: "javascript:alert(1)" })];
    open();
    await screen.findByText("no");
    expect(screen.queryByRole("link")).toBeNull();
  });

  it("is tested again, and says what came out", async () => {
    program.accounts = [account(1, { state: "unreachable", reason: "no network" })];
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: "Test again" }));
    await waitFor(() => {
      expect(card("Account 1").getByText("Ready")).toBeTruthy();
    });
    expect(screen.queryByText("no network")).toBeNull();
  });

  it("gets a new key, which is shown as working only when it does", async () => {
    program.accounts = [account(1, { state: "signIn", reason: "Incorrect API key" })];
    const { user, client } = open();
    await screen.findByText("New key needed");
    await user.click(screen.getByRole("button", { name: "New key" }));
    const dialog = within(await screen.findByRole("dialog"));
    await user.type(dialog.getByLabelText(/^Key/), "ac-right{Enter}");
    expect(await dialog.findByText(/one real call/)).toBeTruthy();
    expect(program.changes).toEqual([
      { method: "PATCH", path: "/api/accounts/1", body: { key: "ac-right" } },
    ]);
    program.accounts = [account(1, { modelCount: 7 })];
    await client.invalidateQueries();
    expect(await dialog.findByText("It works: 7 models, named acme/…")).toBeTruthy();
  });

  it("is switched on again", async () => {
    program.accounts = [account(1, { state: "off", enabled: false })];
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: "Switch on" }));
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({ enabled: true });
    });
  });

  it("that stands in another program's file is imported, not changed", async () => {
    program.accounts = [account(-4, { original: true, state: "signIn", reason: "expired" })];
    const { user } = open();
    await screen.findByText("expired");
    await user.click(card("Account -4").getByRole("button", { name: "Import" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByLabelText<HTMLInputElement>("File or folder").value).toBe(program.status.configPath);
  });
});

describe("the menu of an account", () => {
  async function choose(item: string, change: Parameters<typeof account>[1] = {}) {
    program.accounts = [account(1, change)];
    const { user, ...view } = open();
    await user.click(await screen.findByRole("button", { name: /Actions for/ }));
    await user.click(await screen.findByRole("menuitem", { name: item }));
    return { ...view, user };
  }

  it("changes what is changed and nothing else", async () => {
    const { user } = await choose("Rename, prefix, models…", {
      settings: { kind: "key", baseUrl: "https://api.acme.example/v1", region: "us" },
      secrets: ["cookie"],
    });
    const dialog = within(await screen.findByRole("dialog"));
    const name = dialog.getByLabelText("Name");
    await user.clear(name);
    await user.type(name, "Laptop");
    await user.type(dialog.getByLabelText("Listed models", { selector: "input" }), "tiny{Enter}");
    expect(dialog.getByLabelText<HTMLSelectElement>("Region").value).toBe("us");
    expect(dialog.getByPlaceholderText("kept as it is")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({ name: "Laptop", models: ["tiny"] });
    });
    await waitFor(() => {
      expect(screen.queryByRole("dialog")).toBeNull();
    });
    expect(screen.getByRole("article", { name: "Laptop" })).toBeTruthy();
  });

  it("shows at its field what the program objects to", async () => {
    const errors = [{ location: "body.settings.baseUrl", message: "must be an address" }];
    server.use(http.patch("*/api/accounts/:id", () => problem(422, "validation failed", errors)));
    const { user } = await choose("Rename, prefix, models…");
    const dialog = within(await screen.findByRole("dialog"));
    await user.type(dialog.getByLabelText(/^Address/), "x");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await dialog.findByText("must be an address")).toBeTruthy();
    expect(dialog.getByLabelText(/^Address/).getAttribute("aria-invalid")).toBe("true");
  });

  it("switches it off", async () => {
    await choose("Switch off");
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({ enabled: false });
    });
  });

  it("removes it only after a question", async () => {
    const { user } = await choose("Remove…");
    const dialog = within(await screen.findByRole("dialog"));
    expect(program.changes).toEqual([]);
    await user.click(dialog.getByRole("button", { name: "Remove" }));
    expect(await screen.findByText("No account yet")).toBeTruthy();
    expect(program.changes[0]).toMatchObject({ method: "DELETE", path: "/api/accounts/1" });
  });

  it("of the program's own leads to the settings", async () => {
    await choose("Change in Settings", { id: -1, hasSecret: false, masked: "" });
    expect(window.location.hash).toContain("/settings");
  });
});

describe("quotas", () => {
  it("show the scarcest first, and the rest on demand", async () => {
    program.accounts = [
      account(1, {
        quotas: [
          quota("a", { remaining: 0.9 }),
          quota("b", { remaining: 0.1 }),
          quota("c", { left: 10, limit: 1000 }),
          quota("d"),
          quota("", { remaining: 0.5, reset: "2026-03-05T09:00:00Z" }),
        ],
      }),
    ];
    const { user } = open();
    await screen.findByText("10 of 1,000 left");
    const order = screen.getAllByRole("meter").map((meter) => meter.getAttribute("aria-label"));
    expect(order).toEqual(["c", "b", "All models", "a"]);
    expect(screen.queryByText("unknown")).toBeNull();
    await user.click(screen.getByRole("button", { name: "All 5 quotas" }));
    expect(screen.getByText("unknown")).toBeTruthy();
  });
});
