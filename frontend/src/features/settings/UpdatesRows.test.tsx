import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";
import { server } from "@/testing/program";
import { renderPage } from "@/testing/render";
import { UpdatesRows } from "./UpdatesRows";

it("shows a newer version with its notes as they are written", async () => {
  server.use(
    http.post("*/api/updates", () =>
      HttpResponse.json({
        version: "v2.0.0",
        notes: "<b>Faster</b>",
        link: "https://example.com/v2",
        askedAt: "2026-05-01T00:00:00Z",
        problem: "",
      }),
    ),
  );
  const { user } = renderPage(<UpdatesRows version="v1.0.0" />);
  expect(await screen.findByText("Nobody has asked yet.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Ask now" }));
  expect(await screen.findByText("<b>Faster</b>")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Open its page" }).getAttribute("href")).toBe(
    "https://example.com/v2",
  );
});
