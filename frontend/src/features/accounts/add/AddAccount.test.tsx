import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it, vi } from "vitest";
import { account } from "@/testing/accounts";
import { problem, program, server } from "@/testing/program";
import { nth, renderPage } from "@/testing/render";
import AccountsPage from "../AccountsPage";

async function openDialog(way = "") {
  const view = renderPage(<AccountsPage />, `/accounts?dialog=add${way && `&way=${way}`}`);
  return { ...view, dialog: within(await screen.findByRole("dialog")) };
}

/** What the program says of the account when it has asked the service. */
async function settle(
  { client }: Awaited<ReturnType<typeof openDialog>>,
  change: Parameters<typeof account>[1],
) {
  program.accounts = program.accounts.map((one) => ({ ...one, ...change }));
  await client.invalidateQueries();
}

describe("choosing a way", () => {
  it("lists every way of every provider, those that ended last", async () => {
    const { dialog } = await openDialog();
    const rows = (await dialog.findAllByRole("listitem")).map(({ textContent }) => textContent);
    expect(rows).toHaveLength(5);
    expect(rows[3]).toContain("Ended");
    expect(rows[4]).toContain("Key optional");
  });

  it("searches, and takes the first with Enter", async () => {
    const { user, dialog } = await openDialog();
    await user.type(await dialog.findByLabelText("Search services"), "vertex{Enter}");
    expect(await dialog.findByText("Service acme · Way vertex")).toBeTruthy();
  });

  it("moves with the arrows", async () => {
    const { user, dialog } = await openDialog();
    await dialog.findAllByRole("listitem");
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement?.textContent).toContain("Way key");
    await user.keyboard("{ArrowUp}{ArrowUp}");
    expect(document.activeElement).toBe(dialog.getByLabelText("Search services"));
  });

  it("says when none matches", async () => {
    const { user, dialog } = await openDialog();
    await user.type(await dialog.findByLabelText("Search services"), "zzz");
    expect(dialog.getByText("No service matches.")).toBeTruthy();
  });

  it("shows that a way has ended, and the ways that remain", async () => {
    const { user, dialog } = await openDialog("acme/old");
    expect(await dialog.findByText("Ended on 2026-04-15.")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Use Way key" }));
    expect(await dialog.findByText("Service acme · Way key")).toBeTruthy();
  });
});

describe("the form of a way", () => {
  it("shows the notices, where to get a key, and every kind of field", async () => {
    const { dialog } = await openDialog("acme/key");
    expect(await dialog.findByText("Acme sees your prompts.")).toBeTruthy();
    expect(dialog.getByRole<HTMLAnchorElement>("link", { name: "Get a key" }).href).toBe(
      "https://acme.example/keys",
    );
    expect(dialog.getByLabelText<HTMLInputElement>(/^Address/).value).toBe("https://api.acme.example/v1");
    expect(dialog.getByLabelText<HTMLSelectElement>("Region").value).toBe("cn");
    expect(dialog.getByLabelText<HTMLInputElement>("Cookie").type).toBe("password");
    expect(dialog.getByRole<HTMLInputElement>("switch", { name: "Stream only" }).checked).toBe(false);
    expect(dialog.getByText("More settings").closest("details")?.open).toBe(false);
  });

  it("sends what was filled in, and shows what the service says", async () => {
    const view = await openDialog("acme/key");
    const { user, dialog } = view;
    await user.type(await dialog.findByLabelText(/^Key/), " ac-123 ");
    await user.selectOptions(dialog.getByLabelText("Region"), "us");
    await user.type(dialog.getByLabelText("Name"), "Laptop{Enter}");
    expect(await dialog.findByText(/one real call/)).toBeTruthy();
    expect(program.changes).toEqual([
      {
        method: "POST",
        path: "/api/accounts",
        body: { provider: "acme", way: "key", key: "ac-123", name: "Laptop", settings: { region: "us" } },
      },
    ]);
    await settle(view, { state: "ready", modelCount: 1 });
    expect(await dialog.findByText("It works: 1 model, named acme/…")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Add another" }));
    expect(await dialog.findByLabelText("Search services")).toBeTruthy();
  });

  it("TestB12: says why the service refuses, and takes another key in its place", async () => {
    const view = await openDialog("acme/key");
    const { user, dialog } = view;
    await user.type(await dialog.findByLabelText(/^Key/), "wrong{Enter}");
    await dialog.findByText(/one real call/);
    await settle(view, { state: "refused", reason: "Incorrect API key provided" });
    expect(await dialog.findByText("Incorrect API key provided")).toBeTruthy();
    expect(dialog.queryByText(/It works/)).toBeNull();
    await user.click(dialog.getByRole("button", { name: "New key" }));
    const again = within(await screen.findByRole("dialog", { name: /New key for/ }));
    await user.type(again.getByLabelText(/^Key/), "right{Enter}");
    await waitFor(() => {
      expect(program.changes.at(-1)).toMatchObject({ method: "PATCH", body: { key: "right" } });
    });
  });

  it("asks for what is missing before it asks the program", async () => {
    const { user, dialog } = await openDialog("acme/key");
    await user.clear(await dialog.findByLabelText(/^Address/));
    await user.click(dialog.getByRole("button", { name: "Add account" }));
    expect(dialog.getAllByText("Fill this in.")).toHaveLength(2);
    expect(program.changes).toEqual([]);
  });

  it("shows what the program objects to: at the field, and unfolded where it is folded away", async () => {
    const errors = [{ location: "body.settings.cookie", message: "must be one line of text" }];
    server.use(http.post("*/api/accounts", () => problem(422, "validation failed", errors)));
    const { user, dialog } = await openDialog("acme/key");
    await user.type(await dialog.findByLabelText(/^Key/), "x{Enter}");
    expect(await dialog.findByText("must be one line of text")).toBeTruthy();
    expect(dialog.getByText("More settings").closest("details")?.open).toBe(true);
  });

  it("shows what belongs to no field below the form", async () => {
    server.use(http.post("*/api/accounts", () => problem(500, "the disk is full")));
    const { user, dialog } = await openDialog("acme/key");
    await user.type(await dialog.findByLabelText(/^Key/), "x{Enter}");
    expect(await dialog.findByText("the disk is full")).toBeTruthy();
  });

  it("reads the file of a way that wants one", async () => {
    const { user, dialog } = await openDialog("acme/vertex");
    const content = '{"type":"service_account"}';
    await dialog.findByLabelText("Content of the file");
    const input = nth(document.querySelectorAll<HTMLInputElement>('input[type="file"]'));
    await user.upload(input, new File([content], "key.json"));
    await waitFor(() => {
      expect(dialog.getByLabelText<HTMLTextAreaElement>("Content of the file").value).toBe(content);
    });
    await user.click(dialog.getByRole("button", { name: "Add account" }));
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({ provider: "acme", way: "vertex", key: content });
    });
  });

  it("adds a service that wants no key without one", async () => {
    const { user, dialog } = await openDialog("local/lm");
    await user.click(await dialog.findByRole("button", { name: "Add account" }));
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({ provider: "local", way: "lm" });
    });
  });

  it("TestB16: signs in and adds over the proxy that the account will use", async () => {
    const added = await openDialog("local/lm");
    await added.user.type(await added.dialog.findByLabelText("Proxy", { selector: "input" }), "direct");
    await added.user.click(added.dialog.getByRole("button", { name: "Add account" }));
    await waitFor(() => {
      expect(program.changes[0]?.body).toEqual({
        provider: "local",
        way: "lm",
        network: { proxy: "direct" },
      });
    });
    added.unmount();
    vi.spyOn(window, "open").mockReturnValue(null);
    const signed = await openDialog("acme/cli");
    await signed.user.type(
      await signed.dialog.findByLabelText("Proxy", { selector: "input" }),
      "http://proxy.lan:3128",
    );
    await signed.user.click(signed.dialog.getByRole("button", { name: "Sign in with browser" }));
    await waitFor(() => {
      expect(program.changes.at(-1)).toMatchObject({
        path: "/api/sign-ins",
        body: { network: { proxy: "http://proxy.lan:3128" } },
      });
    });
  });

  it("goes back to the list of ways", async () => {
    const { user, dialog } = await openDialog("acme/key");
    await user.click(await dialog.findByRole("button", { name: "Back" }));
    expect(await dialog.findByLabelText("Search services")).toBeTruthy();
  });
});
