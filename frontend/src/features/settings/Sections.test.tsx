import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { problem, program, server } from "@/testing/program";
import { renderPage } from "@/testing/render";
import { apiKey } from "@/testing/samples";
import SettingsPage from "./SettingsPage";

async function open() {
  const view = renderPage(<SettingsPage />, "/settings");
  await screen.findByLabelText("Port");
  return view;
}

function section(name: string) {
  return within(screen.getByRole("region", { name }));
}

const patches = () => program.changes.filter(({ method }) => method === "PATCH").map(({ body }) => body);

describe("routing", () => {
  it("says what each policy does, and takes a change of it back", async () => {
    const { user } = await open();
    const routing = section("Routing");
    expect(routing.getAllByRole("radio")).toHaveLength(6);
    expect(routing.getByText("They take turns in proportion to their weights.")).toBeTruthy();
    await user.click(routing.getByLabelText("Fill first"));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => {
      expect(patches()).toEqual([{ policy: "fill_first" }, { policy: "round_robin" }]);
    });
  });

  it("asks for seconds, and sends milliseconds", async () => {
    const { user } = await open();
    const wait = screen.getByLabelText<HTMLInputElement>("Longest wait");
    expect(wait.value).toBe("20");
    await user.clear(wait);
    await user.type(wait, "1.5{Enter}");
    await waitFor(() => {
      expect(patches()).toEqual([{ queueWaitMs: 1500 }]);
    });
    await user.clear(wait);
    await user.type(wait, "soon{Enter}");
    expect(screen.getByText("Enter a number.")).toBeTruthy();
  });
});

describe("network", () => {
  it("says which proxy the system has, and where that stands", async () => {
    program.system = {
      http: "http://proxy.lan:3128",
      https: "http://proxy.lan:3128",
      noProxy: ["*.lan"],
      source: "environment",
    };
    await open();
    const network = section("Network");
    expect(await network.findByText("Found http://proxy.lan:3128.")).toBeTruthy();
    expect(network.getByText("From the environment.")).toBeTruthy();
    expect(network.getByText("Not for *.lan.")).toBeTruthy();
  });

  it("says that the system has none", async () => {
    await open();
    expect(await section("Network").findByText(/No proxy is set in the system/)).toBeTruthy();
  });

  it("saves a proxy of one's own when there is an address, and goes back at once", async () => {
    const { user } = await open();
    const network = section("Network");
    await user.click(network.getByRole("radio", { name: "Manual" }));
    expect(patches()).toEqual([]);
    await user.type(network.getByLabelText("Address of the proxy"), "socks5://127.0.0.1:1080{Enter}");
    await waitFor(() => {
      expect(patches()).toEqual([{ proxy: "socks5://127.0.0.1:1080" }]);
    });
    await user.click(network.getByRole("radio", { name: "Direct" }));
    await waitFor(() => {
      expect(patches()[1]).toEqual({ proxy: "direct" });
    });
    expect(network.queryByLabelText("Address of the proxy")).toBeNull();
  });

  it("keeps a wrong address where it can be mended", async () => {
    const errors = [{ location: "body.proxy", message: "must be a URL" }];
    server.use(http.patch("*/api/settings", () => problem(422, "validation failed", errors)));
    const { user } = await open();
    const network = section("Network");
    await user.click(network.getByRole("radio", { name: "Manual" }));
    await user.type(network.getByLabelText("Address of the proxy"), "nonsense{Enter}");
    expect(await network.findByText("must be a URL")).toBeTruthy();
    expect(network.getByLabelText<HTMLInputElement>("Address of the proxy").value).toBe("nonsense");
  });

  it("tries the way to an address", async () => {
    const { user } = await open();
    const network = section("Network");
    await user.type(network.getByLabelText("Service to reach"), "https://models.example{Enter}");
    expect(await network.findByText("It works.")).toBeTruthy();
    expect(program.changes[0]).toMatchObject({ body: { url: "https://models.example" } });
  });
});

describe("an API key", () => {
  it("says when it was used, and why it is refused", async () => {
    program.keys = [
      apiKey(1, { name: "used", lastUsed: new Date().toISOString() }),
      apiKey(2, { name: "old", expires: "2026-01-01T00:00:00Z" }),
      apiKey(3, { name: "off", enabled: false }),
    ];
    await open();
    const keys = section("API keys");
    const [used, old, off] = await keys.findAllByRole("listitem");
    expect(used?.textContent).toMatch(/last used \d\d:\d\d/);
    expect(old?.textContent).toContain("Expired");
    expect(off?.textContent).toContain("Off");
    expect(off?.textContent).toContain("not used yet");
  });

  it("gets limits field by field, each with a way back", async () => {
    const { user } = await open();
    const keys = section("API keys");
    await user.click(await keys.findByRole("button", { name: "Limits of key default" }));
    await user.type(keys.getByLabelText("Models", { selector: "input" }), "demo/*{Enter}");
    await screen.findByText("Models changed");
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => {
      expect(patches()).toEqual([{ models: ["demo/*"] }, { models: [] }]);
    });
    const perMinute = keys.getByLabelText("Requests per minute");
    await user.clear(perMinute);
    await user.type(perMinute, "60{Enter}");
    await screen.findByText("Requests per minute changed");
    await user.click(keys.getByRole("switch", { name: "Accept this key" }));
    await waitFor(() => {
      expect(patches().slice(2)).toEqual([{ requestsPerMinute: 60 }, { enabled: false }]);
    });
    expect(await keys.findByText("Off")).toBeTruthy();
  });

  it("says what its program needs", async () => {
    const { user } = await open();
    const keys = section("API keys");
    await user.click(await keys.findByRole("button", { name: "Limits of key default" }));
    expect(keys.getByRole("radio", { name: "Auto", checked: true })).toBeTruthy();
    await user.click(keys.getByRole("radio", { name: "Silent" }));
    await waitFor(() => {
      expect(patches()).toEqual([{ profile: "silent" }]);
    });
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => {
      expect(patches().slice(1)).toEqual([{ profile: "" }]);
    });
  });

  it("lasts to the end of its last day", async () => {
    const { user } = await open();
    const keys = section("API keys");
    await user.click(await keys.findByRole("button", { name: "Limits of key default" }));
    const day = keys.getByLabelText("Last day");
    await user.type(day, "2030-01-31");
    await user.tab();
    await waitFor(() => {
      expect(patches()).toEqual([{ expires: new Date(2030, 0, 31, 23, 59, 59).toISOString() }]);
    });
  });
});
