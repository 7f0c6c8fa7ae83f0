import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { program } from "@/testing/program";
import { renderPage } from "@/testing/render";
import { detail, exchange } from "@/testing/samples";
import RequestDrawer from "./RequestDrawer";
import RequestsPage from "./RequestsPage";

const body = {
  request: '{"model":"demo/fast","n":1}',
  requestCut: false,
  sent: '{"model":"fast"}',
  sentCut: false,
  response: "data: x",
  responseType: "text/event-stream",
  pieces: [],
  responseCut: false,
  text: "Hello",
  thought: "",
  calls: [],
};

const fill = () => {
  program.exchanges = [exchange(9), exchange(8)];
  program.details.set(9, detail(9, { body, asked: "demo/fast" }));
  program.details.set(
    8,
    detail(8, { body: { ...body, request: '{"model":"demo/slow","n":1}', text: "Bye" }, asked: "demo/slow" }),
  );
};

describe("comparing two requests", () => {
  it("marks one by the keyboard, then another, and goes back", async () => {
    fill();
    const { user } = renderPage(<RequestsPage />, "/requests?class=ok");
    const grid = await screen.findByRole("grid");
    grid.focus();
    await user.keyboard("{ArrowDown}c");
    expect(await screen.findByText(/Request 9 is marked/)).toBeTruthy();
    await user.keyboard("{ArrowDown}c");
    expect(await screen.findByRole("heading", { level: 1, name: "Compare 9 and 8" })).toBeTruthy();
    expect(window.location.hash).toContain("compare=9%2C8");
    await user.keyboard("{Escape}");
    expect(await screen.findByRole("grid")).toBeTruthy();
    expect(window.location.hash).toBe("#/requests?class=ok");
  });

  it("shows both overviews, and what differs of requests and answers", async () => {
    fill();
    const { user } = renderPage(<RequestsPage />, "/requests?compare=9,8");
    const asked = await screen.findByRole("row", { name: /Model asked/ });
    expect(within(asked).getByText("differs")).toBeTruthy();
    expect(
      within(asked)
        .getAllByRole("cell")
        .map(({ textContent }) => textContent),
    ).toEqual(["demo/fast", "demo/slow"]);
    expect(screen.getByRole("row", { name: /Finish/ }).textContent).not.toContain("differs");
    expect(screen.getAllByRole("table", { name: "Where the time went" })).toHaveLength(2);
    const requests = screen.getByRole("region", { name: "What the clients sent" });
    expect(requests.textContent).toContain('−  "model": "demo/fast"');
    expect(requests.textContent).toContain('+  "model": "demo/slow"');
    expect(screen.getByText("Both are the same.")).toBeTruthy();
    expect(screen.getByRole("region", { name: "What was answered" }).textContent).toContain("−Hello");
    await user.click(screen.getByRole("button", { name: "Swap" }));
    expect(await screen.findByRole("heading", { name: "Compare 8 and 9" })).toBeTruthy();
  });

  it("says whose body is missing, and that one is gone", async () => {
    fill();
    program.details.set(8, detail(8));
    const view = renderPage(<RequestsPage />, "/requests?compare=9,8");
    expect(await screen.findByText("The body of request 8 was not kept.")).toBeTruthy();
    view.unmount();
    program.details.set(9, detail(9));
    const other = renderPage(<RequestsPage />, "/requests?compare=9,8");
    expect(await screen.findByText("No body of either was kept.")).toBeTruthy();
    other.unmount();
    renderPage(<RequestsPage />, "/requests?compare=9,77");
    expect(await screen.findByText("This request could not be read")).toBeTruthy();
  });

  it("is begun from the drawer of any page", async () => {
    fill();
    const { user } = renderPage(<RequestDrawer id={9} onClose={() => undefined} />, "/accounts?request=9");
    await user.click(await screen.findByRole("button", { name: "Compare" }));
    await waitFor(() => {
      expect(window.location.hash).toBe("#/requests?request=9&compare=9");
    });
    await user.click(screen.getByRole("button", { name: "Unmark" }));
    await waitFor(() => {
      expect(window.location.hash).toBe("#/requests?request=9");
    });
  });
});
