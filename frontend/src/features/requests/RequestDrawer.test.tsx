import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { switchLanguage } from "@/i18n/i18n";
import { program } from "@/testing/program";
import { catchCopies, nth, renderPage } from "@/testing/render";
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
  it("shows the fields, and where the time went in a table", async () => {
    program.details.set(5, detail(5, { queueMs: 200, durationMs: 1500 }));
    open(5);
    const drawer = await screen.findByRole("dialog", { name: "Request 5" });
    expect(await within(drawer).findByText("200 OK")).toBeTruthy();
    expect(within(drawer).getByText("21 in · 158 out · 4 cached")).toBeTruthy();
    const table = within(drawer).getByRole("table", { name: "Where the time went" });
    const rows = within(table).getAllByRole("row");
    const names = rows.slice(1).map((row) => within(row).getByRole("rowheader").textContent);
    expect(names).toEqual(["Route", "Queue", "Connect and first byte", "Stream", "Total"]);
    const [from, took, share] = within(nth(rows, 2)).getAllByRole("cell");
    expect([from, took, share].map((cell) => cell?.textContent)).toEqual(["0.40 ms", "200 ms", "13.3%"]);
    expect(within(nth(rows, 5)).getByText("1.50 s")).toBeTruthy();
  });

  it("shows each try: why it and not another, its class, and the rest that it caused", async () => {
    const first = nth(detail(5).attempts);
    const attempts = [
      {
        ...first,
        status: 429,
        errorKind: "rate",
        error: "slow down",
        why: { id: "turn" as const, text: "its turn (1 of 2)", values: { number: "1", all: "2" } },
        others: [{ id: "off" as const, text: "spare is disabled", values: { account: "spare" } }],
        rest: { id: "rests" as const, text: "Demo rests until 14:20 (the service's hint)" },
      },
      { ...first, startMs: 60, why: { text: "a reason of tomorrow" } },
    ];
    program.details.set(5, detail(5, { attempts, error: "every account rests", errorKind: "rate" }));
    const { user } = open(5);
    expect(await screen.findByText("every account rests")).toBeTruthy();
    await user.click(screen.getByRole("tab", { name: "Attempts 2" }));
    const tries = screen.getAllByRole("listitem").filter((item) => item.querySelector("h3"));
    for (const words of ["its turn (1 of 2)", "spare is disabled", "rate limit", "slow down", /until 14:20/])
      expect(within(nth(tries)).getByText(words)).toBeTruthy();
    expect(within(nth(tries, 1)).getByText("a reason of tomorrow")).toBeTruthy();
  });

  it("groups the notes by what they mean, and opens what was sent again", async () => {
    const remarks = [
      { id: "replay" as const, text: "replay of request 3", values: { request: "3" } },
      { id: "dropped" as const, text: "dropped logit_bias", values: { field: "logit_bias" } },
      { text: "something of tomorrow" },
      { id: "dropped" as const, text: "dropped user", values: { field: "user" } },
    ];
    program.details.set(5, detail(5, { remarks }));
    const { user } = open(5);
    await user.click(await screen.findByRole("tab", { name: "Notes 4" }));
    const left = screen.getByRole("heading", { name: /Left out/ }).nextElementSibling;
    expect(left?.children).toHaveLength(2);
    expect(screen.getByText("something of tomorrow")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Open the original" }));
    expect(window.location.hash).toContain("request=3");
  });

  it("says in Chinese what the program says in English", async () => {
    const remarks = [
      {
        id: "waited" as const,
        text: "waited 1.5s for its turn: b is disabled",
        values: { time: "1.5s" },
        parts: [{ id: "off" as const, text: "b is disabled", values: { account: "b" } }],
      },
    ];
    const why = {
      id: "after" as const,
      text: "next after a (rate)",
      parts: [{ id: "failed" as const, text: "a (rate)", values: { account: "a", kind: "rate" } }],
    };
    const attempts = detail(5).attempts.map((one) => ({ ...one, why }));
    const failure = {
      id: "nobody" as const,
      text: "no account can take a request for m now: b is disabled",
      values: { model: "m" },
      parts: remarks[0]?.parts ?? [],
    };
    program.details.set(5, detail(5, { remarks, attempts, error: failure.text, failure }));
    await switchLanguage("zh-CN");
    try {
      const { user } = open(5);
      expect(await screen.findByText("现在没有账号可以处理 m：b 已停用")).toBeTruthy();
      await user.click(screen.getByRole("tab", { name: "尝试 1" }));
      expect(screen.getByText("接替已失败的 a（限流）")).toBeTruthy();
      await user.click(screen.getByRole("tab", { name: "备注 1" }));
      expect(screen.getByText("排队等待 1.5s：b 已停用")).toBeTruthy();
    } finally {
      await switchLanguage("en");
    }
  });

  it("says that nobody was asked, and that nothing is to be noted", async () => {
    program.details.set(5, detail(5, { attempts: [], status: 400 }));
    const { user } = open(5);
    await user.click(await screen.findByRole("tab", { name: "Attempts" }));
    expect(screen.getByText("No upstream was tried")).toBeTruthy();
    await user.click(screen.getByRole("tab", { name: "Notes" }));
    expect(screen.getByText("No notes")).toBeTruthy();
  });

  it("shows the answer as it was assembled: text, folded thinking, tool calls; and raw", async () => {
    const calls = [{ id: "call_1", name: "read_file", arguments: '{"path":"a"}' }];
    program.details.set(5, detail(5, { body: { ...body, thought: "hm", calls } }));
    const { user } = open(5);
    await user.click(await screen.findByRole("tab", { name: "Response" }));
    expect(screen.getByText("Hello")).toBeTruthy();
    expect(screen.getByText("Thinking").closest("details")?.open).toBe(false);
    expect(screen.getByText("read_file")).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "Raw" }));
    expect(screen.getByText("cut at the size limit")).toBeTruthy();
    expect(screen.getByRole("region", { name: "Response body" }).textContent).toBe("data: x");
  });

  it("lists the events with their times, and shows all of the one that the arrows choose", async () => {
    const response = 'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: [DONE]\n\n';
    const pieces = [
      { end: 49, ms: 120 },
      { end: response.length, ms: 1400 },
    ];
    program.details.set(5, detail(5, { body: { ...body, response, pieces, responseCut: false } }));
    // jsdom has no layout: the list is given the height that it has on a screen.
    const height = vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(240);
    const { user } = open(5);
    await user.click(await screen.findByRole("tab", { name: "Response" }));
    await user.click(screen.getByRole("radio", { name: "Events" }));
    const list = screen.getByRole("listbox", { name: "Events of the answer" });
    const [one, two] = await within(list).findAllByRole("option");
    expect(one?.textContent).toBe("+120 mscontentHel");
    expect(two?.textContent).toBe("+1.40 s[DONE]");
    expect(screen.getByRole("region", { name: "Event 1" }).textContent).toContain('      "delta": {');
    list.focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("region", { name: "Event 2" }).textContent).toBe("[DONE]");
    expect(two?.getAttribute("aria-selected")).toBe("true");
    height.mockRestore();
  });

  it("says that an answer was no stream", async () => {
    program.details.set(5, detail(5, { body: { ...body, responseType: "application/json" } }));
    const { user } = open(5);
    await user.click(await screen.findByRole("tab", { name: "Response" }));
    await user.click(screen.getByRole("radio", { name: "Events" }));
    expect(screen.getByText("This answer was sent as a whole")).toBeTruthy();
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
