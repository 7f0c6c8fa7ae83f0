import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { account } from "@/testing/accounts";
import { problem, program, server } from "@/testing/program";
import { renderPage } from "@/testing/render";
import { model } from "@/testing/samples";
import { linesOf, selectModels } from "./filter";
import ModelsPage from "./ModelsPage";

const all = { text: "", provider: "", can: "", account: "", hidden: false } as const;

beforeEach(() => {
  program.accounts = [account(1, { name: "Work", provider: "acme" })];
  program.models = [
    model("acme/a", { accountIds: [1], contextTokens: 1000 }),
    model("acme/b", { accountIds: [1], hidden: true }),
    model("acme/z", {
      favourite: true,
      can: { tools: true, vision: false, reasoning: false, fim: false, embeddings: false },
    }),
  ];
});

describe("the list", () => {
  it("has favourites first and folds what is hidden", () => {
    const names = (open: boolean) =>
      linesOf(program.models, open).map((line) => (line.kind === "fold" ? "fold" : line.model.id));
    expect(names(false)).toEqual(["acme/z", "acme/a", "fold"]);
    expect(names(true)).toEqual(["acme/z", "acme/a", "fold", "acme/b"]);
  });

  it("is narrowed by each part of the filter", () => {
    const ids = (change: object) => selectModels(program.models, { ...all, ...change }).map(({ id }) => id);
    expect(ids({ text: "ACME b" })).toEqual(["acme/b"]);
    expect(ids({ can: "tools" })).toEqual(["acme/z"]);
    expect(ids({ account: "1" })).toEqual(["acme/a", "acme/b"]);
    expect(ids({ provider: "other" })).toEqual([]);
  });

  it("says what is wrong, and tries again", async () => {
    server.use(http.get("*/api/models", () => problem(500, "the file is locked"), { once: true }));
    const { user } = renderPage(<ModelsPage />, "/models");
    expect(await screen.findByText("the file is locked")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("3 models")).toBeTruthy();
  });

  it("names the accounts that gave no list, and asks them again", async () => {
    program.accounts = [account(1, { name: "Work", state: "refused", reason: "the plan has ended" })];
    const { user } = renderPage(<ModelsPage />, "/models");
    expect(await screen.findByText("1 account gave no list")).toBeTruthy();
    expect(screen.getByText(/the plan has ended/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Refresh" }));
    expect(await screen.findByText("0 of 1 accounts answered")).toBeTruthy();
  });

  it("tests one model and hides it", async () => {
    const { user } = renderPage(<ModelsPage />, "/models?model=acme/a");
    const panel = within(await screen.findByRole("dialog", { name: "acme/a" }));
    expect(panel.getByText(/may cost/)).toBeTruthy();
    await user.click(panel.getByRole("button", { name: "Test" }));
    expect(await panel.findByText("It works")).toBeTruthy();
    expect(panel.getByText("320 ms · 9 tokens in, 1 out · Demo")).toBeTruthy();
    await user.click(panel.getByRole("button", { name: "Hide" }));
    await waitFor(() => {
      expect(program.changes.at(-1)?.body).toEqual({ models: ["acme/a"], hidden: true });
    });
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => {
      expect(program.changes.at(-1)?.body).toEqual({ models: ["acme/a"], hidden: false });
    });
  });
});

describe("aliases", () => {
  it("are made, put in order with the keys, and taken back", async () => {
    const { user } = renderPage(<ModelsPage />, "/models?view=aliases");
    await screen.findByText("No alias yet");
    await user.click(screen.getByRole("button", { name: "New alias" }));
    await user.click(await screen.findByRole("button", { name: "Save" }));
    expect(await screen.findByText("Enter the name that clients ask for")).toBeTruthy();
    await user.type(screen.getByLabelText("Name"), "gpt-4o");
    for (const name of ["gone/x", "gone/y"]) {
      await user.type(screen.getByRole("combobox", { name: "Add a model" }), `${name}{Enter}`);
    }
    (await screen.findByRole("button", { name: "Move gone/y" })).focus();
    await user.keyboard("{ArrowUp}");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Nobody serves any of its models now.")).toBeTruthy();
    expect(program.aliases).toEqual([{ name: "gpt-4o", models: ["gone/y", "gone/x"] }]);
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("No alias yet")).toBeTruthy();
  });
});
