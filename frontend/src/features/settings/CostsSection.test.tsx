import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { program } from "@/testing/program";
import { renderPage } from "@/testing/render";
import { CostsSection } from "./CostsSection";

const sent = () => program.changes.map(({ method, path, body }) => ({ method, path, body }));
const path = "/api/prices";
const mine = { model: "mine*", input: 1, output: 2 };

describe("CostsSection", () => {
  it("adds a price, and takes it back", async () => {
    const { user } = renderPage(<CostsSection />);
    await user.type(await screen.findByLabelText("Model"), "gpt-x");
    await user.type(screen.getByLabelText("Input"), "1.5");
    await user.type(screen.getByLabelText("Output"), "6{Enter}");
    const both = { prices: [mine, { model: "gpt-x", input: 1.5, output: 6 }] };
    await waitFor(() => {
      expect(sent()).toEqual([{ method: "PUT", path, body: both }]);
    });
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => {
      expect(sent()[1]).toEqual({ method: "PUT", path, body: { prices: [mine] } });
    });
  });

  it("changes and removes a price", async () => {
    const { user } = renderPage(<CostsSection />);
    await user.click(await screen.findByRole("button", { name: "Change the price of mine*" }));
    await user.type(screen.getByLabelText("Cached input"), "0.25");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => {
      expect(sent()[0]?.body).toEqual({ prices: [{ ...mine, cachedInput: 0.25 }] });
    });
    await user.click(screen.getByRole("button", { name: "Remove the price of mine*" }));
    await waitFor(() => {
      expect(sent()[1]?.body).toEqual({ prices: [] });
    });
    expect(await screen.findByText("No price of your own yet.")).toBeTruthy();
  });

  it("refuses what is no price before it asks, and shows the known ones with their date", async () => {
    const { user } = renderPage(<CostsSection />);
    await user.type(await screen.findByLabelText("Model"), "m");
    await user.type(screen.getByLabelText("Input"), "cheap{Enter}");
    expect(screen.getAllByText("Enter a number from 0 to 100,000.")).toHaveLength(2);
    expect(sent()).toEqual([]);
    await user.click(screen.getByText("Known list prices, as of 2025-11-30"));
    expect(within(screen.getByRole("table", { name: "OpenAI" })).getByText("gpt-5")).toBeTruthy();
  });
});
