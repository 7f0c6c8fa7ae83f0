import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SignIn } from "@/api/types";
import { account } from "@/testing/accounts";
import { problem, program, server } from "@/testing/program";
import { catchCopies, renderPage } from "@/testing/render";
import AccountsPage from "../AccountsPage";

const opened = vi.fn();

beforeEach(() => {
  opened.mockReset();
  vi.spyOn(window, "open").mockImplementation(opened);
});
afterEach(async () => {
  cleanup();
  // Who goes away cancels: the next test begins when the stand-in has heard of it.
  const begun = program.changes.some(({ path }) => path === "/api/sign-ins");
  if (begun && !["done", "failed"].includes(program.signIn.state)) {
    await waitFor(() => {
      expect(program.signIn.state).toBe("canceled");
    });
  }
  vi.restoreAllMocks();
  delete (window as { go?: unknown }).go;
});

async function begin(button: string, way = "acme/cli") {
  const view = renderPage(<AccountsPage />, `/accounts?dialog=add&way=${way}`);
  const dialog = within(await screen.findByRole("dialog"));
  await view.user.click(await dialog.findByRole("button", { name: button }));
  /** What the program says next. */
  const say = async (change: Partial<SignIn>) => {
    program.signIn = { ...program.signIn, ...change };
    await act(() => view.client.invalidateQueries());
  };
  return { ...view, dialog, say };
}

const cancels = () => program.changes.filter(({ method }) => method === "DELETE");

describe("a sign-in", () => {
  it("opens the page in another tab, and shows the link, the time left and the tunnel", async () => {
    const { user, dialog } = await begin("Sign in with browser");
    const copies = catchCopies();
    await dialog.findByText(/Waiting for you to finish/);
    expect(program.changes[0]?.body).toEqual({
      provider: "acme",
      way: "cli",
      method: "browser",
      settings: {},
      open: false,
    });
    expect(opened).toHaveBeenCalledWith(program.signIn.url, "_blank", "noopener,noreferrer");
    expect(dialog.getByRole("timer").textContent).toMatch(/^0[45]:\d\d$/);
    await user.click(dialog.getByRole("button", { name: "Copy link" }));
    await user.click(dialog.getByRole("button", { name: "Copy command" }));
    expect(copies).toEqual([program.signIn.url, program.signIn.tunnel]);
  });

  it("leaves opening the browser to the program of the desktop window", async () => {
    const browse = vi.fn(() => Promise.resolve());
    (window as { go?: unknown }).go = { main: { App: { CopyText: browse, OpenBrowser: browse } } };
    const { dialog } = await begin("Sign in with browser");
    await dialog.findByText(/Waiting for you to finish/);
    expect(program.changes[0]?.body).toMatchObject({ open: true });
    expect(opened).not.toHaveBeenCalled();
    expect(browse).not.toHaveBeenCalled();
  });

  it("TestB19: takes the pasted address, and says what is wrong with another text", async () => {
    const { user, dialog } = await begin("Sign in with browser");
    const field = await dialog.findByLabelText("The browser does not come back?");
    await user.type(field, "hello{Enter}");
    expect(await dialog.findByText("there is no code in this address")).toBeTruthy();
    await user.clear(field);
    await user.type(field, "http://127.0.0.1:8085/?code=1&state=2{Enter}");
    expect(await dialog.findByText("Sign in as ada@acme.example?")).toBeTruthy();
  });

  it("TestB20: shows whose it is before it is kept", async () => {
    const { user, dialog, say } = await begin("Sign in with browser");
    await dialog.findByText(/Waiting for you to finish/);
    await say({ state: "confirm", identity: "ada@acme.example" });
    await dialog.findByText("Sign in as ada@acme.example?");
    await user.type(dialog.getByLabelText("Name"), "Work{Enter}");
    expect(await dialog.findByText(/Making one real call/)).toBeTruthy();
    expect(program.changes.at(-1)).toEqual({
      method: "POST",
      path: "/api/sign-ins/s1/confirm",
      body: { name: "Work" },
    });
    program.accounts = [account(8, { name: "Work", way: "cli", state: "refused", reason: "no licence" })];
    await say({ state: "done", accountId: 8 });
    expect(await dialog.findByText("no licence")).toBeTruthy();
    expect(cancels()).toEqual([]);
  });

  it("says which account it updates, and lets another be taken", async () => {
    program.accounts = [account(3, { name: "Home" })];
    const { user, dialog, say } = await begin("Sign in with browser");
    await dialog.findByText(/Waiting for you to finish/);
    await say({ state: "confirm", identity: "ada@acme.example", known: true, accountId: 3 });
    expect(await dialog.findByText(/“Home” gets the new sign-in/)).toBeTruthy();
    expect(dialog.queryByLabelText("Name")).toBeNull();
    await user.click(dialog.getByRole("button", { name: "Use another identity" }));
    expect(await dialog.findByRole("button", { name: "Sign in with browser" })).toBeTruthy();
    await waitFor(() => {
      expect(cancels()).toHaveLength(1);
    });
  });

  it("asks for the code where the page shows one", async () => {
    program.signInIs = { tunnel: "" };
    const view = renderPage(<AccountsPage />, "/accounts?dialog=add&way=acme/cli");
    const dialog = within(await screen.findByRole("dialog"));
    await view.user.click(await dialog.findByRole("radio", { name: /By a code/ }));
    await view.user.click(dialog.getByRole("button", { name: "Get a code" }));
    expect(await dialog.findByLabelText("Code")).toBe(document.activeElement);
    expect(program.changes[0]?.body).toMatchObject({ method: "code" });
    expect(dialog.queryByText("The browser is on another computer")).toBeNull();
  });

  it("shows the code to type on another device", async () => {
    program.signInIs = { userCode: "WDJB-MJHT", paste: false, tunnel: "" };
    const { user, dialog } = await begin("Sign in", "acme/old");
    const copies = catchCopies();
    expect(await dialog.findByText("WDJB-MJHT")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Copy code" }));
    expect(copies).toEqual(["WDJB-MJHT"]);
    expect(dialog.queryByRole("textbox")).toBeNull();
  });

  it("says why it failed, offers what remains, and begins again", async () => {
    const { user, dialog, say } = await begin("Sign in with browser");
    await dialog.findByText(/Waiting for you to finish/);
    await say({ state: "failed", message: "access was denied" });
    expect(await dialog.findByText("access was denied")).toBeTruthy();
    expect(dialog.getByRole("button", { name: "Use Way key" })).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Try again" }));
    expect(await dialog.findByRole("button", { name: "Sign in with browser" })).toBeTruthy();
    expect(cancels()).toEqual([]);
  });

  it("says at once when it cannot begin", async () => {
    server.use(http.post("*/api/sign-ins", () => problem(409, "no port is free")));
    const { dialog } = await begin("Sign in with browser");
    expect(await dialog.findByText("no port is free")).toBeTruthy();
  });

  it.each([
    ["Cancel", { name: "Cancel" }],
    ["the cross", { name: "Close" }],
  ])("is canceled by %s", async (_, button) => {
    const { user, dialog } = await begin("Sign in with browser");
    await dialog.findByText(/Waiting for you to finish/);
    await user.click(dialog.getByRole("button", button));
    await waitFor(() => {
      expect(cancels()).toEqual([{ method: "DELETE", path: "/api/sign-ins/s1", body: undefined }]);
    });
  });

  it("is canceled when the page is closed", async () => {
    const { dialog } = await begin("Sign in with browser");
    await dialog.findByText(/Waiting for you to finish/);
    window.dispatchEvent(new Event("pagehide"));
    await waitFor(() => {
      expect(cancels()).toHaveLength(1);
    });
  });

  it("says that it is gone after the program was started again", async () => {
    const { client, dialog } = await begin("Sign in with browser");
    await dialog.findByText(/Waiting for you to finish/);
    server.use(http.get("*/api/sign-ins/:id", () => problem(404, "there is no such sign-in")));
    await act(() => client.invalidateQueries());
    expect(await dialog.findByText("there is no such sign-in")).toBeTruthy();
  });

  it("is canceled when the dialog is closed before it has begun", async () => {
    const { user } = await begin("Sign in with browser");
    await user.keyboard("{Escape}");
    await waitFor(() => {
      expect(cancels()).toHaveLength(1);
    });
  });

  it("is canceled by Escape, and by leaving the page", async () => {
    const first = await begin("Sign in with browser");
    await first.dialog.findByText(/Waiting for you to finish/);
    await first.user.keyboard("{Escape}");
    await waitFor(() => {
      expect(cancels()).toHaveLength(1);
    });
    first.unmount();
    const second = await begin("Sign in with browser");
    await second.dialog.findByText(/Waiting for you to finish/);
    second.unmount();
    await waitFor(() => {
      expect(cancels()).toHaveLength(2);
    });
  });
});

describe("signing in again", () => {
  it("warns when it is somebody else than before", async () => {
    program.accounts = [
      account(5, { way: "cli", state: "signIn", reason: "the token was revoked", masked: "" }),
    ];
    const { user, client } = renderPage(<AccountsPage />, "/accounts");
    await user.click(await screen.findByRole("button", { name: "Sign in again" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText("the token was revoked")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Sign in with browser" }));
    await dialog.findByText(/Waiting for you to finish/);
    expect(program.changes[0]?.body).toMatchObject({ accountId: 5, way: "cli" });
    const message = "this is another person than before";
    program.signIn = {
      ...program.signIn,
      state: "confirm",
      identity: "bob@acme.example",
      known: true,
      message,
    };
    await act(() => client.invalidateQueries());
    expect(await dialog.findByText(message)).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Update account" }));
    await waitFor(() => {
      expect(program.changes.at(-1)).toMatchObject({ path: "/api/sign-ins/s1/confirm", body: {} });
    });
  });
});
