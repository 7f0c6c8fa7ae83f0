import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { account, modelStanding, standing } from "@/testing/accounts";
import { problem, program, server } from "@/testing/program";
import { renderPage } from "@/testing/render";
import AccountsPage from "../AccountsPage";

async function open(tab: string, change: Parameters<typeof account>[1] = {}) {
  program.accounts = [account(1, { settings: { kind: "key", baseUrl: "https://acme.example" }, ...change })];
  const view = renderPage(<AccountsPage />, `/accounts?dialog=edit&account=1&tab=${tab}`);
  return { ...view, dialog: within(await screen.findByRole("dialog")) };
}

async function saved() {
  await waitFor(() => {
    expect(program.changes.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  });
  return program.changes[0]?.body;
}

describe("order and pace", () => {
  it("sends what was changed alone, and shows it on the card", async () => {
    const { dialog, user } = await open("routing");
    await user.clear(dialog.getByLabelText("Weight"));
    await user.type(dialog.getByLabelText("Weight"), "5");
    await user.clear(dialog.getByLabelText("Priority"));
    await user.type(dialog.getByLabelText("Priority"), "-3");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await saved()).toEqual({ weight: 5, priority: -3 });
    expect(await screen.findByText("weight 5")).toBeTruthy();
    expect(screen.getByText("priority -3")).toBeTruthy();
  });

  it("TestB11: says what a sign-in's default is, and takes one's own instead", async () => {
    const pace = { requestsPerMinute: 30, requestsPerDay: 1000, maxInFlight: 4 };
    const { dialog, user } = await open("routing", { way: "cli", masked: "", pace });
    expect(
      await dialog.findByText(
        /30 requests a minute · 1,000 a day · 4 at once\. A sign-in that asks like a crowd/,
      ),
    ).toBeTruthy();
    await user.click(dialog.getByRole("radio", { name: "Own" }));
    const perDay = dialog.getByLabelText<HTMLInputElement>("Whole account: Per day");
    expect(perDay.value).toBe("1000");
    await user.clear(perDay);
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await saved()).toEqual({
      pace: { requestsPerMinute: 30, requestsPerDay: 0, tokensPerMinute: 0, maxInFlight: 4 },
    });
  });

  it("goes back to the default", async () => {
    const { dialog, user } = await open("routing", { paceDefault: false, pace: { maxInFlight: 1 } });
    await user.click(dialog.getByRole("radio", { name: "Default" }));
    expect(dialog.getByText(/No bound/)).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await saved()).toEqual({ paceDefault: true });
  });

  it("bounds single models by the service's own names", async () => {
    const { dialog, user } = await open("routing", {
      modelPace: { old: { maxInFlight: 1 } },
      standing: standing({ models: [modelStanding("pro")] }),
    });
    await user.click(dialog.getByRole("button", { name: "Remove the pace of old" }));
    await user.click(dialog.getByRole("button", { name: "Add a model" }));
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await dialog.findByText("Fill this in.")).toBeTruthy();
    const [model] = dialog.getAllByLabelText("Model", { selector: "input" });
    if (!model) throw new Error("there is no line for a model");
    await user.click(model);
    await user.click(await screen.findByRole("option", { name: "pro", hidden: true }));
    await user.type(dialog.getByLabelText("pro: Per minute"), "many");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await dialog.findByText("Enter a whole number.")).toBeTruthy();
    await user.clear(dialog.getByLabelText("pro: Per minute"));
    await user.type(dialog.getByLabelText("pro: Per minute"), "6");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await saved()).toMatchObject({ modelPace: { pro: { requestsPerMinute: 6, maxInFlight: 0 } } });
  });

  it("goes to the tab on which something is wrong", async () => {
    const { dialog, user } = await open("routing");
    await user.clear(dialog.getByLabelText("Weight"));
    await user.click(dialog.getByRole("tab", { name: "General" }));
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(dialog.getByRole("tab", { name: "Order and pace" }).getAttribute("aria-selected")).toBe("true");
    expect(dialog.getByText("Enter a whole number.")).toBeTruthy();
    expect(program.changes).toEqual([]);
  });
});

describe("network", () => {
  it("TestB60: tries a proxy before it is saved, and names the hop that failed", async () => {
    program.tested = {
      ok: false,
      said: "the proxy cannot be reached",
      hops: [
        { name: "dns", target: "proxy.lan", ok: true, ms: 2, said: "10.0.0.9" },
        { name: "connect", target: "proxy.lan:3128", ok: false, ms: 0, said: "nothing listens there" },
      ],
    };
    const { dialog, user } = await open("network");
    await user.click(dialog.getByRole("radio", { name: "Manual" }));
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await dialog.findByText("Fill this in.")).toBeTruthy();
    await user.type(dialog.getByLabelText("Address of the proxy"), "http://proxy.lan:3128");
    await user.click(dialog.getByRole("button", { name: "Test connection" }));
    expect(await dialog.findByText("the proxy cannot be reached")).toBeTruthy();
    expect(program.changes).toEqual([
      {
        method: "POST",
        path: "/api/network/test",
        body: { accountId: 1, network: { proxy: "http://proxy.lan:3128", caFile: "" } },
      },
    ]);
    const [first, second] = dialog.getAllByRole("listitem");
    expect(first?.textContent).toBe("Nameproxy.lan10.0.0.92 ms");
    expect(second?.textContent).toContain("nothing listens there");
    // What was found is of what was typed before.
    await user.type(dialog.getByLabelText("Extra certificates"), "/etc/ca.pem");
    expect(dialog.queryAllByRole("listitem")).toEqual([]);
    program.changes = [];
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await saved()).toEqual({ network: { proxy: "http://proxy.lan:3128", caFile: "/etc/ca.pem" } });
  });

  it("says why a test could not be made", async () => {
    server.use(http.post("*/api/network/test", () => problem(404, "there is no such account")));
    const { dialog, user } = await open("network");
    await user.click(dialog.getByRole("button", { name: "Test connection" }));
    expect(await dialog.findByText("there is no such account")).toBeTruthy();
  });

  it("shows at its field what the program objects to", async () => {
    const errors = [{ location: "body.network.proxy", message: "must be a URL" }];
    server.use(http.patch("*/api/accounts/:id", () => problem(422, "validation failed", errors)));
    const { dialog, user } = await open("network");
    await user.click(dialog.getByRole("radio", { name: "Manual" }));
    await user.type(dialog.getByLabelText("Address of the proxy"), "nonsense");
    await user.click(dialog.getByRole("tab", { name: "General" }));
    await user.click(dialog.getByRole("button", { name: "Save" }));
    expect(await dialog.findByText("must be a URL")).toBeTruthy();
    expect(dialog.getByLabelText("Address of the proxy").getAttribute("aria-invalid")).toBe("true");
  });
});
