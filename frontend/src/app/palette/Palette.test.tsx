import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { account } from "@/testing/accounts";
import { program } from "@/testing/program";
import { catchCopies, renderPage } from "@/testing/render";
import { exchange } from "@/testing/samples";
import { PaletteSlot } from "./PaletteSlot";

async function opened() {
  const page = renderPage(<PaletteSlot />);
  await page.user.keyboard("{Control>}k{/Control}");
  const field = await screen.findByRole("combobox");
  await waitFor(() => {
    expect(document.activeElement).toBe(field);
  });
  return page;
}

function selected(): string | null | undefined {
  return screen.getAllByRole("option").find((line) => line.getAttribute("aria-selected") === "true")
    ?.textContent;
}

test("a few letters and Enter go to a page", async () => {
  const { user } = await opened();
  await user.keyboard("reque{Enter}");
  expect(window.location.hash).toBe("#/requests");
  await waitFor(() => {
    expect(screen.queryByRole("combobox")).toBeNull();
  });
});

test("the arrows walk round, and Escape closes", async () => {
  const { user } = await opened();
  expect(selected()).toBe("Overview");
  await user.keyboard("{ArrowDown}");
  expect(selected()).toBe("Requests");
  await user.keyboard("{ArrowUp}{ArrowUp}");
  expect(selected()).not.toBe("Overview");
  await user.keyboard("{Escape}");
  await waitFor(() => {
    expect(screen.queryByRole("combobox")).toBeNull();
  });
});

test("settings sections, accounts, models and requests are found", async () => {
  program.accounts = [account(7, { name: "work@example.com" })];
  program.exchanges = [exchange(42, { asked: "gpt-4o" })];
  const { user } = await opened();
  await user.keyboard("gpt");
  expect(await screen.findByText("#42 gpt-4o")).toBeTruthy();
  await user.clear(screen.getByRole("combobox"));
  await user.keyboard("routing");
  expect(selected()).toBe("Routing");
  await user.clear(screen.getByRole("combobox"));
  await user.keyboard("demo/chat");
  expect(await screen.findByText("demo/chat")).toBeTruthy();
  await user.clear(screen.getByRole("combobox"));
  await user.keyboard("@example{Enter}");
  expect(window.location.hash).toBe("#/accounts?text=work%40example.com");
});

test("it copies the base URL", async () => {
  const { user } = await opened();
  const copies = catchCopies();
  await waitFor(() => {
    expect(screen.getByText("Stop listener")).toBeTruthy();
  });
  await user.keyboard("copy base{Enter}");
  await waitFor(() => {
    expect(copies).toEqual([program.status.listener.baseUrl]);
  });
});

test("it changes the theme and stops the listener", async () => {
  const { user } = await opened();
  await user.keyboard("dark{Enter}");
  await waitFor(() => {
    expect(program.changes[0]?.body).toEqual({ theme: "dark" });
  });
  await user.keyboard("{Control>}k{/Control}");
  await screen.findByText("Stop listener");
  await user.keyboard("stop{Enter}");
  await waitFor(() => {
    expect(program.changes[1]?.body).toEqual({ running: false });
  });
});

test("it says when nothing is found", async () => {
  const { user } = await opened();
  await user.keyboard("xyzzy");
  expect(screen.getByText("Nothing is called “xyzzy”.")).toBeTruthy();
});

test("a question mark shows the keys, but not while one types", async () => {
  const { user } = renderPage(
    <>
      <input aria-label="field" />
      <PaletteSlot />
    </>,
  );
  await user.type(screen.getByLabelText("field"), "?");
  expect(screen.queryByText("Keyboard shortcuts")).toBeNull();
  screen.getByLabelText("field").blur();
  await user.keyboard("?");
  expect(await screen.findByText("Keyboard shortcuts")).toBeTruthy();
});
