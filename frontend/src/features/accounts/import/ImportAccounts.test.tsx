import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { find } from "@/testing/accounts";
import { problem, program, server } from "@/testing/program";
import { nth, renderPage } from "@/testing/render";
import AccountsPage from "../AccountsPage";

async function openDialog() {
  const view = renderPage(<AccountsPage />, "/accounts?dialog=import");
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByLabelText("File or folder");
  return { ...view, dialog };
}

const previews = () =>
  program.changes.filter(({ path }) => path === "/api/imports/preview").map(({ body }) => body);

describe("importing accounts", () => {
  it("looks on this machine only when asked to", async () => {
    let looked = 0;
    server.use(
      http.get("*/api/imports/found", () => {
        looked++;
        return HttpResponse.json({
          sources: [{ title: "Gemini CLI", path: "/home/ada/.gemini/oauth_creds.json" }],
        });
      }),
    );
    const { user, dialog } = await openDialog();
    expect(looked).toBe(0);
    await user.click(dialog.getByRole("button", { name: "Look on this machine" }));
    expect(await dialog.findByText("1 place has sign-ins:")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: /Gemini CLI/ }));
    await waitFor(() => {
      expect(previews()).toEqual([{ path: "/home/ada/.gemini/oauth_creds.json" }]);
    });
  });

  it("says when nothing is on this machine", async () => {
    const { user, dialog } = await openDialog();
    await user.click(dialog.getByRole("button", { name: "Look on this machine" }));
    expect(await dialog.findByText("Nothing was found in the usual places.")).toBeTruthy();
  });

  it("shows what would be added, and takes what is chosen", async () => {
    program.finds = [
      find("ada"),
      find("bob", { state: "update" }),
      find("cleo", { state: "same" }),
      find("dan", { state: "unusable", problem: "there is no refresh token in it" }),
    ];
    const { user, dialog } = await openDialog();
    await user.type(dialog.getByLabelText("File or folder"), "~/.cli-proxy-api{Enter}");
    await dialog.findByRole("table");
    expect(dialog.getByText("there is no refresh token in it")).toBeTruthy();
    const box = (name: string) => dialog.getByRole<HTMLInputElement>("checkbox", { name });
    expect(box("Take ada@acme.example").checked).toBe(true);
    expect(box("Take bob@acme.example").checked).toBe(true);
    expect(box("Take cleo@acme.example").disabled).toBe(true);
    expect(box("Take dan@acme.example").disabled).toBe(true);
    await user.click(box("Take all"));
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Import 0 accounts" }).disabled).toBe(true);
    await user.click(box("Take bob@acme.example"));
    await user.click(dialog.getByRole("button", { name: "Import 1 account" }));
    expect(await dialog.findByText("1 added · 0 updated · 3 skipped")).toBeTruthy();
    expect(await dialog.findByText("Checking")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Done" }));
    await waitFor(() => {
      expect(screen.queryByRole("dialog")).toBeNull();
    });
  });

  it("takes the content of a file", async () => {
    const { user, dialog } = await openDialog();
    const input = nth(document.querySelectorAll<HTMLInputElement>('input[type="file"]'));
    await user.upload(input, new File(["{}"], "config.json", { type: "application/json" }));
    await waitFor(() => {
      expect(previews()).toEqual([{ path: "config.json", text: "{}" }]);
    });
    expect(await dialog.findByText("Nothing to import")).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Back" }));
    await user.click(dialog.getByLabelText("Or paste the content of a file"));
    await user.paste("[1]");
    await user.click(dialog.getByRole("button", { name: "Preview" }));
    await waitFor(() => {
      expect(previews().at(-1)).toEqual({ path: "", text: "[1]" });
    });
  });

  it("says what is wrong with a path", async () => {
    server.use(http.post("*/api/imports/preview", () => problem(422, "there is no such file")));
    const { user, dialog } = await openDialog();
    await user.type(dialog.getByLabelText("File or folder"), "/nowhere{Enter}");
    expect(await dialog.findByText("there is no such file")).toBeTruthy();
  });
});
