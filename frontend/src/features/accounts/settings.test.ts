import { expect, it } from "vitest";
import { field, provider, way } from "@/testing/accounts";
import { changedSettings, fieldsOf, initialSettings, missingFields } from "./settings";

const region = field("region", { default: "cn" });
const baseUrl = field("baseUrl", { required: true });
const shared = field("timeout", { advanced: true });
const some = way("key", { fields: [region, baseUrl], settings: { baseUrl: "https://api.example.com/v1" } });
const service = provider("some", { ways: [some], fields: [shared, field("region")] });

it("asks for the way's own fields first, and for each once", () => {
  expect(fieldsOf(service, some).map(({ key }) => key)).toEqual(["region", "baseUrl", "timeout"]);
});

it("starts with what is set, the way's value, or the default", () => {
  const fields = fieldsOf(service, some);
  expect(initialSettings(fields, some)).toEqual({
    region: "cn",
    baseUrl: "https://api.example.com/v1",
    timeout: "",
  });
  expect(initialSettings(fields, some, { region: "us" }).region).toBe("us");
});

it("sends what was changed alone, and an emptied field as empty", () => {
  const initial = { region: "cn", baseUrl: "https://api.example.com/v1", timeout: "" };
  expect(changedSettings(initial, { ...initial, region: " us ", baseUrl: "" })).toEqual({
    region: "us",
    baseUrl: "",
  });
});

it("misses what is required and empty, but not a secret that is kept", () => {
  const fields = [baseUrl, field("cookie", { kind: "secret", required: true })];
  expect(missingFields(fields, { baseUrl: "  " })).toEqual(["baseUrl", "cookie"]);
  expect(missingFields(fields, { baseUrl: "x" }, ["cookie"])).toEqual([]);
});
