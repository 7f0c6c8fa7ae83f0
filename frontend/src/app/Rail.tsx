import { IconSearch } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useStatus } from "@/api/queries";
import { ListenerControl } from "./ListenerControl";
import { pages } from "./pages";
import { modifier } from "./keyboard";
import { openPalette } from "./palette/open";
import classes from "./Rail.module.css";

/** The left rail: the listener, and the pages. */
export function Rail({ connected }: { connected: boolean }) {
  const { t } = useTranslation();
  const { data: status } = useStatus();
  return (
    <div className={classes.rail}>
      <ListenerControl connected={connected} />
      <nav aria-label={t("app.navigation")} className={classes.pages}>
        {pages.map(({ path, label, icon: Icon }) => (
          <NavLink key={path} to={path} end className={classes.link ?? ""}>
            <Icon size={16} stroke={1.75} aria-hidden />
            {t(label)}
          </NavLink>
        ))}
      </nav>
      <FindButton />
      <footer className={classes.foot}>
        {t("app.name")}
        {status && <span className={classes.version}>{status.version}</span>}
      </footer>
    </div>
  );
}

/** Opens the palette, and tells by which keys it opens. */
function FindButton() {
  const { t } = useTranslation();
  return (
    <button type="button" className={classes.find} aria-keyshortcuts="Control+K Meta+K" onClick={openPalette}>
      <IconSearch size={14} aria-hidden />
      <span className={classes.findLabel}>{t("nav.find")}</span>
      <kbd className={classes.key} aria-hidden>
        {modifier} K
      </kbd>
    </button>
  );
}
