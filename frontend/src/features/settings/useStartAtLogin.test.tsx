import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { freshSettings } from "@/testing/samples";
import { renderPage } from "@/testing/render";
import { GeneralSection } from "./GeneralSection";

interface Host {
  go?: unknown;
}

afterEach(() => {
  delete (window as Host).go;
});

/** A window whose system starts the program at login, or not. */
function system(on: boolean, refusal?: string) {
  const state = { on };
  const App = {
    StartsAtLogin: () => Promise.resolve(state.on),
    StartAtLogin: (wanted: boolean) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      if (refusal) return Promise.reject(refusal);
      state.on = wanted;
      return Promise.resolve();
    },
  };
  (window as Host).go = { main: { App } };
  return state;
}

test("start at login is the system's own state", async () => {
  const state = system(true);
  const { user } = renderPage(<GeneralSection settings={freshSettings()} desktop />);
  const field = await screen.findByRole<HTMLInputElement>("switch", { name: "Start at login" });
  expect(field.checked).toBe(true);
  await user.click(field);
  await waitFor(() => {
    expect(state.on).toBe(false);
  });
  await waitFor(() => {
    expect(field.checked).toBe(false);
  });
});

test("what the system refused is said, and the switch goes back", async () => {
  system(false, "the folder is read-only");
  const { user } = renderPage(<GeneralSection settings={freshSettings()} desktop />);
  const field = await screen.findByRole<HTMLInputElement>("switch", { name: "Start at login" });
  await user.click(field);
  expect(await screen.findByText("the folder is read-only")).toBeTruthy();
  expect(field.checked).toBe(false);
});

test("a browser has no such switch", () => {
  renderPage(<GeneralSection settings={freshSettings()} desktop={false} />);
  expect(screen.queryByRole("switch", { name: "Start at login" })).toBeNull();
});
