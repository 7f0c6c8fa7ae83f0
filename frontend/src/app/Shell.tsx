import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useLocation } from "react-router";
import { OverviewPage } from "@/features/overview/OverviewPage";
import { Blank } from "@/ui/Blank";
import { Notice } from "@/ui/Notice";
import { DrawerSlot } from "./DrawerSlot";
import { ErrorBoundary } from "./ErrorBoundary";
import { ListenerSwitch } from "./ListenerSwitch";
import { PaletteSlot } from "./palette/PaletteSlot";
import { AccountsPage, ConnectPage, ModelsPage, PlaygroundPage, RequestsPage, SettingsPage } from "./parts";
import { Rail } from "./Rail";
import classes from "./Shell.module.css";
import { useSlashKey } from "./useSlashKey";

/** The window: the rail, the page, and the drawer of one request above both. */
export function Shell({ connected }: { connected: boolean }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  useSlashKey();
  return (
    <div className={classes.shell}>
      <a
        href="#main"
        className={classes.skip}
        onClick={(event) => {
          // The part behind # is the router's.
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        {t("app.skip")}
      </a>
      <Rail connected={connected} />
      <main id="main" tabIndex={-1} className={classes.main}>
        {!connected && (
          <div className={classes.lost}>
            <Notice tone="warn">{t("app.lost")}</Notice>
          </div>
        )}
        <ErrorBoundary key={pathname}>
          <div className={classes.page} data-stale={!connected || undefined}>
            <Suspense>
              <Routes>
                <Route
                  path="/"
                  element={<OverviewPage listenerSwitch={<ListenerSwitch labelPosition="left" />} />}
                />
                <Route path="/requests" element={<RequestsPage />} />
                <Route path="/accounts" element={<AccountsPage />} />
                <Route path="/models" element={<ModelsPage />} />
                <Route path="/connect" element={<ConnectPage />} />
                <Route path="/playground" element={<PlaygroundPage />} />
                <Route path="/settings" element={<SettingsPage />} />
                <Route path="*" element={<NotFound />} />
              </Routes>
            </Suspense>
          </div>
        </ErrorBoundary>
      </main>
      <DrawerSlot />
      <PaletteSlot />
    </div>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return <Blank title={t("app.notFound.title")} action={<Link to="/">{t("app.notFound.back")}</Link>} />;
}
