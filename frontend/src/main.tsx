import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/tokens.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { redeemToken } from "./app/session";
import { languageFor, startI18n } from "./i18n/i18n";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

await Promise.all([startI18n(languageFor("system", navigator.languages)), redeemToken()]);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
