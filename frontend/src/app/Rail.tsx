import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useStatus } from "@/api/queries";
import { ListenerControl } from "./ListenerControl";
import { pages } from "./pages";
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
      <footer className={classes.foot}>
        {t("app.name")}
        {status && <span className={classes.version}>{status.version}</span>}
      </footer>
    </div>
  );
}
