import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { BackupPreview } from "@/api/types";
import { problem, program, server } from "@/testing/program";
import { renderPage } from "@/testing/render";
import { record } from "@/testing/state";
import { BackupSection } from "./BackupSection";

const part = (name: BackupPreview["parts"][number]["name"], more = {}) => ({
  name,
  now: 1,
  then: 1,
  added: [],
  changed: [],
  gone: [],
  ...more,
});

const preview: BackupPreview = {
  version: "1.2.3",
  created: "2030-01-31T12:00:00Z",
  secrets: false,
  log: true,
  settings: ["port", "routing.attempts"],
  parts: [part("accounts", { added: ["Ann"], gone: ["Bob"] }), part("keys"), part("aliases"), part("prices")],
};

/** The program's side of a backup. */
function backups(kept?: { at: string; log: boolean }) {
  const pieces: { at: string | null; size: number }[] = [];
  const state = { kept };
  server.use(
    http.get("*/api/exchanges/size", () => HttpResponse.json({ bytes: 5 * 1024 * 1024, exchanges: 12 })),
    http.get("*/api/restore", () => HttpResponse.json(state)),
    http.put("*/api/restore/file", async ({ request }) => {
      const body = await request.arrayBuffer();
      pieces.push({ at: new URL(request.url).searchParams.get("at"), size: body.byteLength });
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("*/api/restore/preview", async ({ request }) => {
      const { passphrase } = (await request.json()) as { passphrase: string };
      if (passphrase === "right") return HttpResponse.json(preview);
      const message = "the passphrase is not the one that the backup was made with";
      return problem(422, message, [{ location: "body.passphrase", message }]);
    }),
    http.post("*/api/restore", async ({ request }) => {
      await record(request);
      state.kept = { at: "2030-02-01T12:00:00Z", log: true };
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("*/api/restore/undo", async ({ request }) => {
      await record(request);
      state.kept = undefined;
      return new HttpResponse(null, { status: 204 });
    }),
    http.delete("*/api/restore", async ({ request }) => {
      await record(request);
      state.kept = undefined;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return pieces;
}

const calls = () => program.changes.map(({ method, path }) => `${method} ${path}`);

async function choose(size = 10) {
  const view = renderPage(<BackupSection />);
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  if (!input) throw new Error("there is no way to choose a file");
  await view.user.upload(input, new File([new Uint8Array(size)], "all.backup"));
  const passphrases = screen.getAllByLabelText("Passphrase", { selector: "input" });
  return { ...view, passphrase: passphrases.at(-1) as HTMLInputElement };
}

describe("a backup", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("is saved with what was chosen, when the passphrase is good", async () => {
    backups();
    const sent: unknown[] = [];
    server.use(
      http.post("*/api/backup", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.arrayBuffer(new ArrayBuffer(3));
      }),
    );
    const download = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    const { user } = renderPage(<BackupSection />);
    await screen.findByText("It has 5.0 MB now.");
    const [first] = screen.getAllByLabelText("Passphrase", { selector: "input" });
    if (!first) throw new Error("no passphrase is asked for");
    await user.type(first, "short{Enter}");
    expect(screen.getByText("Use at least 8 characters.")).toBeTruthy();
    await user.type(first, " no more");
    await user.click(screen.getByRole("button", { name: "Save backup…" }));
    expect(screen.getByText("The two are not the same.")).toBeTruthy();
    expect(sent).toEqual([]);
    await user.type(screen.getByLabelText("Passphrase again", { selector: "input" }), "short no more");
    await user.click(screen.getByRole("switch", { name: /^With secrets/ }));
    await user.click(screen.getByRole("switch", { name: /^With the request log/ }));
    await user.click(screen.getByRole("button", { name: "Save backup…" }));
    expect(await screen.findByText("Backup saved")).toBeTruthy();
    expect(sent).toEqual([{ passphrase: "short no more", secrets: false, log: true }]);
    expect(download).toHaveBeenCalledOnce();
    expect((first as HTMLInputElement).value).toBe("");
  });

  it("is looked at, asked about and restored", async () => {
    const pieces = backups();
    const { user, passphrase } = await choose(5 * 1024 * 1024);
    await user.type(passphrase, "wrong{Enter}");
    expect(await screen.findByText(/passphrase is not the one/)).toBeTruthy();
    await user.clear(passphrase);
    await user.type(passphrase, "right{Enter}");
    expect(await screen.findByText(/made by version 1.2.3/)).toBeTruthy();
    expect(pieces).toEqual([
      { at: "0", size: 4 * 1024 * 1024 },
      { at: String(4 * 1024 * 1024), size: 1024 * 1024 },
    ]);
    const accounts = within(screen.getByRole("row", { name: /^Accounts/ }));
    expect(accounts.getByText("new: Ann")).toBeTruthy();
    expect(accounts.getByText("goes: Bob")).toBeTruthy();
    expect(within(screen.getByRole("row", { name: /^Prices/ })).getByText("stays as it is")).toBeTruthy();
    for (const said of [
      /2 settings change: port/,
      /address or the port/,
      /has a request log/,
      /has no secrets/,
    ]) {
      expect(screen.getByText(said)).toBeTruthy();
    }
    await user.click(screen.getByRole("button", { name: "Restore" }));
    expect(calls()).toEqual([]);
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Restore" }));
    expect(await screen.findByText("Backup restored")).toBeTruthy();
    expect(program.changes).toEqual([
      { method: "POST", path: "/api/restore", body: { passphrase: "right" } },
    ]);
    expect(await screen.findByText(/with its request log/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Choose a file…" })).toBeTruthy();
  });

  it("that cannot be read says why", async () => {
    backups();
    server.use(
      http.post("*/api/restore/preview", () => problem(400, "this is not a backup of this program")),
    );
    const { user, passphrase } = await choose();
    await user.type(passphrase, "right{Enter}");
    expect(await screen.findByText("this is not a backup of this program")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Restore" })).toBeNull();
  });

  it("is undone after a question, or what is kept is deleted", async () => {
    backups({ at: "2030-02-01T12:00:00Z", log: false });
    const view = renderPage(<BackupSection />);
    await view.user.click(await screen.findByRole("button", { name: "Undo the restore" }));
    const dialog = within(await screen.findByRole("dialog"));
    await view.user.click(dialog.getByRole("button", { name: "Undo the restore" }));
    expect(await screen.findByText("All is as it was before the restore")).toBeTruthy();
    expect(calls()).toEqual(["POST /api/restore/undo"]);
    await waitFor(() => {
      expect(screen.queryByText(/What was here before is kept/)).toBeNull();
    });
    view.unmount();

    backups({ at: "2030-02-01T12:00:00Z", log: false });
    const { user } = renderPage(<BackupSection />);
    await user.click(await screen.findByRole("button", { name: "Delete what is kept" }));
    await user.click(
      within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete what is kept" }),
    );
    expect(await screen.findByText("Deleted")).toBeTruthy();
    expect(calls()).toEqual(["POST /api/restore/undo", "DELETE /api/restore"]);
  });
});
