import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { program } from "@/testing/program";
import { catchCopies, renderPage } from "@/testing/render";
import { detail, exchange } from "@/testing/samples";
import RequestDrawer from "./RequestDrawer";

function open(id: number) {
  const onClose = vi.fn();
  return { ...renderPage(<RequestDrawer id={id} onClose={onClose} />), onClose };
}

const body = {
  request: '{"a":1}',
  requestCut: false,
  sent: '{"a":1}',
  sentCut: false,
  response: "data: x",
  responseType: "text/event-stream",
  pieces: [],
  responseCut: true,
  text: "Hello",
  thought: "",
  calls: [],
};

describe("RequestDrawer", () => {
  it("shows the fields, the timing, the attempts with their reasons, and the notes", async () => {
    program.details.set(5, detail(5, { notes: ["dropped logit_bias"] }));
    open(5);
    const drawer = await screen.findByRole("dialog", { name: "Request 5" });
    await within(drawer).findByText("the only account");
    expect(within(drawer).getByText("200 OK")).toBeTruthy();
    expect(within(drawer).getByText("Connect and header")).toBeTruthy();
    expect(within(drawer).getByText("21 in · 158 out · 4 cached")).toBeTruthy();
    expect(within(drawer).getByText("dropped logit_bias")).toBeTruthy();
  });

  it("shows what failed, and what each upstream answered", async () => {
    const attempts = detail(5).attempts.map((one) => ({ ...one, status: 429, error: "slow down" }));
    program.details.set(
      5,
      detail(5, { status: 429, errorKind: "rate", error: "every account rests", attempts }),
    );
    open(5);
    expect(await screen.findByText("every account rests")).toBeTruthy();
    expect(screen.getByText("slow down")).toBeTruthy();
  });

  it("shows the answer as it was assembled: text, folded thinking, tool calls, raw", async () => {
    const calls = [{ id: "call_1", name: "read_file", arguments: '{"path":"a"}' }];
    program.details.set(5, detail(5, { body: { ...body, thought: "hm", calls } }));
    const { user } = open(5);
    await user.click(await screen.findByRole("tab", { name: "Response" }));
    expect(screen.getByText("Hello")).toBeTruthy();
    expect(screen.getByText("Thinking").closest("details")?.open).toBe(false);
    expect(screen.getByText("read_file")).toBeTruthy();
    expect(screen.getByText("cut at the size limit")).toBeTruthy();
  });

  it("shows what the upstream got of the request, copies it as a command, and sends it again", async () => {
    const kept = { ...body, request: '{"model":"demo/fast","note":"it\'s"}', sent: '{"model":"fast"}' };
    program.details.set(5, detail(5, { body: kept, asked: "demo/fast", path: "/v1/chat/completions" }));
    program.details.set(6, detail(6));
    const { user } = open(5);
    const copies = catchCopies();
    await user.click(await screen.findByRole("tab", { name: "Request" }));
    const changes = screen.getByRole("region", { name: "Changed on the way to the upstream" });
    expect(changes.textContent).toContain('−  "model": "demo/fast"');
    expect(changes.textContent).toContain('+  "model": "fast"');
    await user.click(screen.getByRole("button", { name: "Copy as cURL" }));
    expect(copies[0]).toContain("/v1/chat/completions");
    expect(copies[0]).toContain(String.raw`"note":"it'\''s"`);
    const model = screen.getByRole("combobox", { name: "Model" });
    await user.clear(model);
    await user.type(model, "demo/slow");
    await user.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => {
      expect(program.changes).toEqual([
        { method: "POST", path: "/api/exchanges/5/replay", body: { model: "demo/slow" } },
      ]);
    });
  });

  it.each([
    ["off", 200, "Keeping bodies is off"],
    ["errors", 200, "Bodies are kept for failed requests only"],
    ["errors", 502, "none was recorded for this one"],
    ["all", 200, "none was recorded for this request"],
  ] as const)("explains why there is no body: policy %s, status %s", async (bodyPolicy, status, words) => {
    program.details.set(5, detail(5, { bodyPolicy, status }));
    const { user } = open(5);
    await user.click(await screen.findByRole("tab", { name: "Response" }));
    expect(screen.getByText(new RegExp(words))).toBeTruthy();
    expect(screen.getByRole("link", { name: "Change in Settings" }).getAttribute("href")).toContain(
      "section=requests",
    );
  });

  it("follows one that still runs", async () => {
    program.running = [exchange(6, { running: true, status: 0, asked: "demo/slow" })];
    open(6);
    expect(await screen.findByText("demo/slow")).toBeTruthy();
    expect(screen.getAllByText("Running")).toHaveLength(1);
  });

  it("says when the log no longer has it", async () => {
    open(99);
    expect(await screen.findByText("This request is no longer in the log.")).toBeTruthy();
  });

  it("copies the id, and closes with Escape", async () => {
    program.details.set(5, detail(5));
    const { user, onClose } = open(5);
    const copies = catchCopies();
    await user.click(await screen.findByRole("button", { name: "Copy id" }));
    await waitFor(() => {
      expect(screen.getByRole("button", { name: "Copy id: Copied" })).toBeTruthy();
    });
    expect(copies).toEqual(["5"]);
    await user.keyboard("{Escape}");
    expect(onClose).toHaveBeenCalledOnce();
  });
});
