import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { problem, program, server } from "@/testing/program";
import { catchCopies, renderPage } from "@/testing/render";
import { DiagnosticsRow } from "./Diagnostics";
import { LicencesRow } from "./Licences";
import { LogSizeRow } from "./LogSizeRow";
import { ProtocolsField } from "./ProtocolsField";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("protocols", () => {
  it("are switched off one by one, with a way back", async () => {
    program.settings.protocolsOff = ["gemini"];
    const { user } = renderPage(<ProtocolsField settings={program.settings} />);
    expect(screen.getByRole<HTMLInputElement>("switch", { name: /Gemini/ }).checked).toBe(false);
    await user.click(screen.getByRole("switch", { name: "Ollama" }));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => {
      expect(program.changes.map(({ body }) => body)).toEqual([
        { protocolsOff: ["gemini", "ollama"] },
        { protocolsOff: ["gemini"] },
      ]);
    });
  });
});

describe("the log", () => {
  it("says how much it is, and ends after a question", async () => {
    server.use(http.get("*/api/exchanges/size", () => HttpResponse.json({ bytes: 2048, exchanges: 1 })));
    const { user } = renderPage(<LogSizeRow />);
    expect(await screen.findByText("2.0 KB on disk, one request")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Clear log" }));
    expect(program.changes).toEqual([]);
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Clear log" }));
    expect(await screen.findByText("Request log cleared")).toBeTruthy();
    expect(program.changes[0]).toMatchObject({ method: "DELETE", path: "/api/exchanges" });
  });

  it("says that its size is not known", async () => {
    server.use(http.get("*/api/exchanges/size", () => problem(500, "broken")));
    renderPage(<LogSizeRow />);
    expect(await screen.findByText("broken")).toBeTruthy();
  });
});

describe("diagnostics", () => {
  it("are read, copied and saved as they were read", async () => {
    let made = 0;
    const saved: string[] = [];
    server.use(
      http.get("*/api/diagnostics", () =>
        HttpResponse.json({ id: `r${++made}`, text: `{"number": ${made}}` }),
      ),
      http.get("*/api/diagnostics/:id", ({ params }) => {
        saved.push(String(params.id));
        return HttpResponse.text("{}");
      }),
    );
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    const { user } = renderPage(<DiagnosticsRow />);
    await user.click(screen.getByRole("button", { name: "Show report…" }));
    expect(await screen.findByText('{"number": 1}')).toBeTruthy();
    const copies = catchCopies();
    await user.click(screen.getByRole("button", { name: "Copy" }));
    await waitFor(() => {
      expect(copies).toEqual(['{"number": 1}']);
    });
    await user.click(screen.getByRole("button", { name: "Save…" }));
    expect(await screen.findByText("Report saved")).toBeTruthy();
    expect(saved).toEqual(["r1"]);
  });

  it("say why there are none", async () => {
    server.use(http.get("*/api/diagnostics", () => problem(500, "the log is damaged")));
    const { user } = renderPage(<DiagnosticsRow />);
    await user.click(screen.getByRole("button", { name: "Show report…" }));
    expect(await screen.findByText("the log is damaged")).toBeTruthy();
  });
});

describe("licences", () => {
  const line = "=".repeat(80);
  const file = `What it contains:\n\n${line}\nexample.com/b v2\nexample.com/a v1\n\nDo as you like.\n\n${line}\nreact 19\n\nSay my name.\n`;

  it("are found by the name of what they are of", async () => {
    server.use(http.get("*/licences.txt", () => HttpResponse.text(file)));
    const { user } = renderPage(<LicencesRow />);
    await user.click(screen.getByRole("button", { name: "Show licences…" }));
    expect(await screen.findByText("3 components")).toBeTruthy();
    await user.type(screen.getByRole("searchbox"), "example.com/a");
    expect(screen.getByText("One component")).toBeTruthy();
    await user.click(screen.getByText("example.com/a v1"));
    expect(await screen.findByText("Do as you like.")).toBeTruthy();
    await user.type(screen.getByRole("searchbox"), "zzz");
    expect(screen.getByText("0 components")).toBeTruthy();
  });

  it("say where they are when the build has none", async () => {
    server.use(http.get("*/licences.txt", () => problem(404, "there is no file")));
    const { user } = renderPage(<LicencesRow />);
    await user.click(screen.getByRole("button", { name: "Show licences…" }));
    expect(await screen.findByText(/not part of this build/)).toBeTruthy();
  });
});
