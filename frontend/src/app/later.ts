// What is not on the first page, as one piece: it lies on this machine, so that
// many small ones would only be larger together. See parts.ts.
import AccountDialogs from "@/features/accounts/AccountDialogs";
import AccountsPage from "@/features/accounts/AccountsPage";
import ConnectPage from "@/features/connect/ConnectPage";
import FirstRunPage from "@/features/firstRun/FirstRunPage";
import ModelsPage from "@/features/models/ModelsPage";
import PlaygroundPage from "@/features/playground/PlaygroundPage";
import RequestDrawer from "@/features/requests/RequestDrawer";
import RequestsPage from "@/features/requests/RequestsPage";
import SettingsPage from "@/features/settings/SettingsPage";
import Palette from "./palette/Palette";
import Shortcuts from "./palette/Shortcuts";

export default {
  AccountDialogs,
  AccountsPage,
  ConnectPage,
  FirstRunPage,
  ModelsPage,
  PlaygroundPage,
  RequestDrawer,
  RequestsPage,
  SettingsPage,
  Palette,
  Shortcuts,
};
