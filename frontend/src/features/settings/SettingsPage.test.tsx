import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { problem, program, server } from "@/testing/program";
import { catchCopies, renderPage } from "@/testing/render";
import SettingsPage from "./SettingsPage";

async function openSettings() {
  const view = renderPage(<SettingsPage />, "/settings");
  await screen.findByLabelText("Port");
  return view;
}

const patches = () => program.changes.filter(({ method }) => method === "PATCH").map(({ body }) => body);

describe("SettingsPage", () => {
  it("saves a field by itself, says so, and takes it back", async () => {
    const { user } = await openSettings();
    await user.click(screen.getByRole("switch", { name: "Require an API key" }));
    expect(await screen.findByText("Saved")).toBeTruthy();
    expect(patches()).toEqual([{ requireKey: false }]);
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => {
      expect(patches()).toEqual([{ requireKey: false }, { requireKey: true }]);
    });
    expect(screen.getByRole<HTMLInputElement>("switch", { name: "Require an API key" }).checked).toBe(true);
  });

  it("saves what is typed on Enter, not on every key", async () => {
    const { user } = await openSettings();
    const port = screen.getByLabelText<HTMLInputElement>("Port");
    await user.clear(port);
    await user.type(port, "9090{Enter}");
    await waitFor(() => {
      expect(patches()).toEqual([{ port: 9090 }]);
    });
  });

  it("takes back what was typed with Escape", async () => {
    const { user } = await openSettings();
    const port = screen.getByLabelText<HTMLInputElement>("Port");
    await user.type(port, "1{Escape}{Tab}");
    expect(port.value).toBe("8080");
    expect(patches()).toEqual([]);
  });

  it("shows at the field what the program objects to, and keeps what was typed", async () => {
    const errors = [{ location: "body.port", message: "expected number <= 65535" }];
    server.use(http.patch("*/api/settings", () => problem(422, "validation failed", errors)));
    const { user } = await openSettings();
    const port = screen.getByLabelText<HTMLInputElement>("Port");
    await user.clear(port);
    await user.type(port, "70000{Enter}");
    expect(await screen.findByText("expected number <= 65535")).toBeTruthy();
    expect(port.value).toBe("70000");
    expect(port.getAttribute("aria-invalid")).toBe("true");
  });

  it("refuses what is no number before it asks", async () => {
    const { user } = await openSettings();
    const port = screen.getByLabelText<HTMLInputElement>("Port");
    await user.clear(port);
    await user.type(port, "many{Enter}");
    expect(screen.getByText("Enter a whole number.")).toBeTruthy();
    expect(patches()).toEqual([]);
  });

  it("warns before it serves beyond this computer", async () => {
    const { user } = await openSettings();
    const host = screen.getByLabelText<HTMLInputElement>("Address");
    await user.clear(host);
    await user.type(host, "0.0.0.0{Enter}");
    const dialog = await screen.findByRole("dialog");
    expect(patches()).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Serve on the network" }));
    await waitFor(() => {
      expect(patches()).toEqual([{ host: "0.0.0.0" }]);
    });
    expect(await screen.findByText(/can be reached from other devices/)).toBeTruthy();
  });

  it("keeps the address when the warning is heeded", async () => {
    const { user } = await openSettings();
    await user.clear(screen.getByLabelText("Address"));
    await user.type(screen.getByLabelText("Address"), "0.0.0.0{Enter}");
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel" }));
    await waitFor(() => {
      expect(screen.getByLabelText<HTMLInputElement>("Address").value).toBe("127.0.0.1");
    });
    expect(patches()).toEqual([]);
  });

  it("takes lists one entry at a time", async () => {
    const { user } = await openSettings();
    await user.type(screen.getByLabelText("Allowed host names"), "proxy.lan{Enter}");
    await waitFor(() => {
      expect(patches()).toEqual([{ allowedHosts: ["proxy.lan"] }]);
    });
  });

  it("offers the models as the default model", async () => {
    const { user } = await openSettings();
    await user.click(screen.getByLabelText("Default model"));
    await user.click(await screen.findByRole("option", { name: "demo/chat", hidden: true }));
    await waitFor(() => {
      expect(patches()).toEqual([{ defaultModel: "demo/chat" }]);
    });
  });

  it("has the window's settings only where there is a window", async () => {
    program.status.edition = "web";
    const web = await openSettings();
    expect(screen.queryByText("Closing the window")).toBeNull();
    web.unmount();
    program.status.edition = "window";
    await openSettings();
    expect(await screen.findByText("Closing the window")).toBeTruthy();
  });
});

describe("API keys", () => {
  it("are created, and shown to be copied", async () => {
    const { user } = await openSettings();
    catchCopies();
    await user.type(screen.getByLabelText("Name of the new key"), "Laptop");
    await user.click(screen.getByRole("button", { name: "Create key" }));
    expect(await screen.findByText("sk-oac-new-secret")).toBeTruthy();
    expect(program.changes).toEqual([{ method: "POST", path: "/api/keys", body: { name: "Laptop" } }]);
    expect(await screen.findByRole("button", { name: "Delete key Laptop" })).toBeTruthy();
  });

  it("are masked until they are asked for, and hidden again", async () => {
    const { user } = await openSettings();
    await user.click(await screen.findByRole("button", { name: "Show key default" }));
    expect(await screen.findByText("sk-oac-secret-1")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Hide key default" }));
    expect(screen.queryByText("sk-oac-secret-1")).toBeNull();
  });

  it("are deleted only after a question", async () => {
    const { user } = await openSettings();
    await user.click(await screen.findByRole("button", { name: "Delete key default" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect(await screen.findByText(/No API key yet/)).toBeTruthy();
    expect(program.changes).toEqual([{ method: "DELETE", path: "/api/keys/1", body: undefined }]);
  });
});
