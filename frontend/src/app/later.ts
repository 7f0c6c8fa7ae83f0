// What is not on the first page, as one piece: it lies on this machine, so that
// many small ones would only be larger together. See parts.ts.
export { default as AccountDialogs } from "@/features/accounts/AccountDialogs";
export { default as AccountsPage } from "@/features/accounts/AccountsPage";
export { default as ConnectPage } from "@/features/connect/ConnectPage";
export { default as FirstRunPage } from "@/features/firstRun/FirstRunPage";
export { default as ModelsPage } from "@/features/models/ModelsPage";
export { default as PlaygroundPage } from "@/features/playground/PlaygroundPage";
export { default as RequestDrawer } from "@/features/requests/RequestDrawer";
export { default as RequestsPage } from "@/features/requests/RequestsPage";
export { default as SettingsPage } from "@/features/settings/SettingsPage";
export { default as Palette } from "./palette/Palette";
export { default as Shortcuts } from "./palette/Shortcuts";
