import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, ClientList, ClientPreview } from "@/api/types";
import { problem, program, server } from "@/testing/program";
import { renderPage } from "@/testing/render";
import ConnectPage from "./ConnectPage";

function client(id: string, change: Partial<Client> = {}): Client {
  return {
    id,
    title: id.charAt(0).toUpperCase() + id.slice(1),
    state: "original",
    problem: "",
    files: [`/home/ada/.${id}/config.toml`],
    model: "",
    keyId: 0,
    outdated: false,
    steps: [{ en: `Start ${id} again.`, zh: `重新启动 ${id}。` }],
    source: "https://docs.example/config",
    checked: "2026-11-23",
    ...change,
  };
}

const stand = {
  list: { clients: [], here: true, baseUrl: "http://127.0.0.1:8080/v1", reachable: true } as ClientList,
  preview: {} as ClientPreview,
  asked: [] as { path: string; body: unknown }[],
};

function freshPreview(change: Partial<ClientPreview> = {}): ClientPreview {
  return {
    changes: [
      {
        path: "/home/ada/.codex/config.toml",
        exists: true,
        digest: "d1",
        lines: [
          { kind: "gap", text: "" },
          { kind: "gone", text: 'model = "gpt"' },
          { kind: "new", text: 'model = "demo/chat"' },
        ],
        problem: "",
        snippet: 'key = "sk-…mark"\n',
      },
    ],
    snippets: [
      { kind: "bash", text: "export OPENAI_API_KEY=sk-…mark\n" },
      { kind: "powershell", text: "$env:OPENAI_API_KEY = 'sk-…mark'\n" },
    ],
    baseUrl: "http://127.0.0.1:8080/v1",
    keyId: 0,
    mark: "sk-…mark",
    ...change,
  };
}

async function noted(request: Request): Promise<unknown> {
  const body: unknown = request.headers.get("Content-Type") ? await request.json() : undefined;
  stand.asked.push({ path: new URL(request.url).pathname, body });
  return body;
}

function changed(id: string, change: Partial<Client>) {
  stand.list.clients = stand.list.clients.map((one) => (one.id === id ? { ...one, ...change } : one));
  return HttpResponse.json(stand.list.clients.find((one) => one.id === id));
}

beforeEach(() => {
  stand.list = {
    ...stand.list,
    clients: [client("codex"), client("cursor", { files: [] })],
    here: true,
    reachable: true,
  };
  stand.preview = freshPreview();
  stand.asked = [];
  program.models = program.models.slice(0, 1);
  server.use(
    http.get("*/api/clients", () => HttpResponse.json(stand.list)),
    http.post("*/api/clients/:id/preview", async ({ request }) => {
      await noted(request);
      return HttpResponse.json(stand.preview);
    }),
    http.post("*/api/clients/:id/apply", async ({ request, params }) => {
      await noted(request);
      return changed(String(params.id), {
        state: "configured",
        applied: "2026-11-23T10:00:00Z",
        model: "demo/chat",
      });
    }),
    http.post("*/api/clients/:id/undo", async ({ request, params }) => {
      const body = (await noted(request)) as { digests: string[] };
      if (stand.preview.mark === "conflict" && body.digests.length === 0)
        return problem(409, "was changed since");
      const { applied: _, ...rest } = client(String(params.id));
      stand.list.clients = [rest];
      return HttpResponse.json(rest);
    }),
    http.post("*/api/clients/:id/undo/preview", () => HttpResponse.json(stand.preview)),
  );
});

const card = (name: string) => screen.findByRole("article", { name });

describe("the Connect page", () => {
  it("filters clients by state and name, and says when none fits", async () => {
    const { user } = renderPage(<ConnectPage />, "/connect");
    await card("Codex");
    expect(screen.getByText("2 clients")).toBeTruthy();
    await user.type(screen.getByRole("searchbox"), "curs");
    expect(await screen.findByText("1 of 2 clients")).toBeTruthy();
    await user.type(screen.getByRole("searchbox"), "x");
    await user.click(await screen.findByRole("button", { name: "Show all" }));
    await card("Codex");
  });

  it("shows the change, applies what was seen, and waits for the first request", async () => {
    const { user } = renderPage(<ConnectPage />, "/connect");
    await user.click(await screen.findByRole("button", { name: "Configure Codex" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(await dialog.findByText('model = "demo/chat"')).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Apply" }));
    expect(await within(await card("Codex")).findByText("Waiting for its first request…")).toBeTruthy();
    expect(stand.asked.at(-1)).toEqual({
      path: "/api/clients/codex/apply",
      body: { model: program.models[0]?.id, keyId: 0, digests: ["d1"] },
    });
    expect(within(await card("Codex")).getByText("Configured")).toBeTruthy();
  });

  it("says when the first request came, and what stands in the way", async () => {
    stand.list.clients = [
      client("codex", {
        state: "configured",
        applied: "2026-11-23T10:00:00Z",
        first: "2026-11-23T10:05:00Z",
      }),
      client("zed", { state: "conflict", problem: "settings.json line 2 is not valid JSON" }),
      client("aider", { state: "configured", applied: "2026-11-23T10:00:00Z", outdated: true }),
    ];
    renderPage(<ConnectPage />, "/connect");
    expect(await screen.findByText(/^First request/)).toBeTruthy();
    expect(screen.getByText("settings.json line 2 is not valid JSON")).toBeTruthy();
    expect(screen.getByText("The address has changed since: configure it again.")).toBeTruthy();
  });

  it("does not apply what cannot be read", async () => {
    stand.preview.changes = stand.preview.changes.map((change) => ({
      ...change,
      problem: "is not valid TOML",
    }));
    renderPage(<ConnectPage />, "/connect?client=codex");
    const dialog = within(await screen.findByRole("dialog"));
    expect(await dialog.findByText("is not valid TOML")).toBeTruthy();
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Apply" }).disabled).toBe(true);
  });

  it("copies a snippet with a key that is made for it", async () => {
    const { user } = renderPage(<ConnectPage />, "/connect?client=cursor");
    const write = vi.spyOn(navigator.clipboard, "writeText");
    Object.defineProperty(window, "isSecureContext", { value: true, configurable: true });
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.queryByRole("button", { name: "Apply" })).toBeNull();
    await user.click(await dialog.findByRole("button", { name: "Copy bash" }));
    await waitFor(() => {
      expect(write).toHaveBeenCalledWith("export OPENAI_API_KEY=sk-oac-new-secret\n");
    });
    expect(program.changes.at(-1)).toMatchObject({ path: "/api/keys", body: { name: "Cursor" } });
  });

  it("undoes at once where nothing was changed since", async () => {
    stand.list.clients = [client("codex", { state: "configured", applied: "2026-11-23T10:00:00Z" })];
    const { user } = renderPage(<ConnectPage />, "/connect");
    await user.click(await screen.findByRole("button", { name: "Undo the change of Codex" }));
    await waitFor(() => {
      expect(screen.queryByRole("button", { name: "Undo the change of Codex" })).toBeNull();
    });
  });

  it("asks before it undoes what a person changed since", async () => {
    stand.preview.mark = "conflict";
    stand.list.clients = [client("codex", { state: "changed", applied: "2026-11-23T10:00:00Z" })];
    const { user } = renderPage(<ConnectPage />, "/connect");
    await user.click(await screen.findByRole("button", { name: "Undo the change of Codex" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(await dialog.findByText('model = "gpt"')).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Restore all the same" }));
    await waitFor(() => {
      expect(stand.asked.at(-1)).toEqual({ path: "/api/clients/codex/undo", body: { digests: ["d1"] } });
    });
  });

  it("gives snippets alone where the program is on another machine", async () => {
    stand.list = {
      ...stand.list,
      here: false,
      reachable: false,
      clients: [client("codex", { state: "unknown", files: [] })],
    };
    renderPage(<ConnectPage />, "/connect");
    expect(await screen.findByText(/^You are looking at a program on another machine/)).toBeTruthy();
    expect(screen.getByText(/answers its own machine alone/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Show steps for Codex" })).toBeTruthy();
  });

  it("says when the clients cannot be read, and tries again", async () => {
    server.use(http.get("*/api/clients", () => problem(500, "no disk"), { once: true }));
    const { user } = renderPage(<ConnectPage />, "/connect");
    expect(await screen.findByText("no disk")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await card("Codex");
  });
});
