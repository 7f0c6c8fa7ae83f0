import { describe, expect, it } from "vitest";
import accountsEn from "./accounts.en.json";
import accountsZh from "./accounts.zh-CN.json";
import drawerEn from "./drawer.en.json";
import drawerZh from "./drawer.zh-CN.json";
import en from "./en.json";
import { languageFor } from "./i18n";
import networkEn from "./network.en.json";
import networkZh from "./network.zh-CN.json";
import restEn from "./rest.en.json";
import restZh from "./rest.zh-CN.json";
import settingsEn from "./settings.en.json";
import settingsZh from "./settings.zh-CN.json";
import zhCN from "./zh-CN.json";

function flatten(tree: object, path = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of Object.entries(tree) as [string, string | object][]) {
    if (typeof value === "string") flat.set(path + name, value);
    else for (const [key, text] of flatten(value, `${path}${name}.`)) flat.set(key, text);
  }
  return flat;
}

function variables(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "").sort();
}

const english = new Map(
  [en, accountsEn, drawerEn, networkEn, restEn, settingsEn].flatMap((words) => [...flatten(words)]),
);
const chinese = new Map(
  [zhCN, accountsZh, drawerZh, networkZh, restZh, settingsZh].flatMap((words) => [...flatten(words)]),
);

describe("the two languages", () => {
  it("say the same things; Chinese has no singular", () => {
    const wanted = [...english.keys()].filter((key) => !key.endsWith("_one"));
    expect([...chinese.keys()].sort()).toEqual(wanted.sort());
  });

  it("fill in the same values", () => {
    for (const [key, text] of chinese)
      expect(variables(text), key).toEqual(variables(english.get(key) ?? ""));
  });

  it("leave nothing empty", () => {
    for (const [key, text] of [...english, ...chinese]) expect(text.trim(), key).not.toBe("");
  });

  it("use the words of the product and none that it avoids", () => {
    for (const [key, text] of english) expect(text, key).not.toMatch(/\b(channel|node|quota group)s?\b/i);
    expect(chinese.get("overview.baseUrl")).toBe("基础地址");
    expect(chinese.get("overview.apiKey")).toBe("API 密钥");
    expect(chinese.get("overview.firstToken")).toBe("首个词元延迟");
  });

  it("write Chinese with Chinese punctuation", () => {
    for (const [key, text] of chinese)
      expect(text, key).not.toMatch(/[\u4e00-\u9fff][,;:?!](\s|$)|[\u4e00-\u9fff]\.(\s|$)/);
  });
});

describe("languageFor", () => {
  it.each([
    ["system", ["zh-TW", "en"], "zh-CN"],
    ["system", ["de-DE", "en-GB"], "en"],
    ["system", ["fr"], "en"],
    ["zh-CN", ["en"], "zh-CN"],
    ["en", ["zh-CN"], "en"],
  ] as const)("%s with %s is %s", (setting, preferred, want) => {
    expect(languageFor(setting, preferred)).toBe(want);
  });
});
