import { lazy } from "react";
import { loadWords } from "@/i18n/words";

/** What is loaded when it is first needed, with its words. */
async function load() {
  const [{ default: parts }] = await Promise.all([import("./later"), loadWords()]);
  return parts;
}

export const AccountDialogs = lazy(async () => ({ default: (await load()).AccountDialogs }));
export const AccountsPage = lazy(async () => ({ default: (await load()).AccountsPage }));
export const ConnectPage = lazy(async () => ({ default: (await load()).ConnectPage }));
export const FirstRunPage = lazy(async () => ({ default: (await load()).FirstRunPage }));
export const ModelsPage = lazy(async () => ({ default: (await load()).ModelsPage }));
export const PlaygroundPage = lazy(async () => ({ default: (await load()).PlaygroundPage }));
export const RequestDrawer = lazy(async () => ({ default: (await load()).RequestDrawer }));
export const RequestsPage = lazy(async () => ({ default: (await load()).RequestsPage }));
export const SettingsPage = lazy(async () => ({ default: (await load()).SettingsPage }));
export const Palette = lazy(async () => ({ default: (await load()).Palette }));
export const Shortcuts = lazy(async () => ({ default: (await load()).Shortcuts }));
