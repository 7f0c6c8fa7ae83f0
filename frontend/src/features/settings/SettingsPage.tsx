import { Button, Skeleton } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useModels, useSettings, useStatus } from "@/api/queries";
import type { Settings } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { useSearchParam } from "@/ui/useSearchParam";
import { AboutSection } from "./AboutSection";
import { BackupSection } from "./BackupSection";
import { CostsSection } from "./CostsSection";
import { GeneralSection } from "./GeneralSection";
import { KeysSection } from "./KeysSection";
import { NetworkSection } from "./NetworkSection";
import { RequestsSection } from "./RequestsSection";
import { RoutingSection } from "./RoutingSection";
import { ServerSection } from "./ServerSection";
import classes from "./SettingsPage.module.css";

/** Everything that can be set. Each field is saved by itself. */
export default function SettingsPage() {
  const { t } = useTranslation();
  const { data: settings, error, refetch } = useSettings();
  return (
    <Page title={t("settings.title")}>
      {error && (
        <Notice
          tone="bad"
          title={t("settings.error")}
          action={<Button onClick={() => void refetch()}>{t("common.retry")}</Button>}
        >
          {error.message}
        </Notice>
      )}
      {settings ? <Sections settings={settings} /> : !error && <Skeleton height={320} />}
    </Page>
  );
}

const sectionIds = [
  "general",
  "server",
  "keys",
  "routing",
  "network",
  "requests",
  "costs",
  "backup",
  "about",
] as const;
type SectionId = (typeof sectionIds)[number];

function Sections({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const { data: status } = useStatus();
  const { data: models = [] } = useModels();
  const [section, setSection] = useSearchParam("section");
  useEffect(() => {
    if (section) document.getElementById(`section-${section}`)?.scrollIntoView();
  }, [section]);

  const content: Record<SectionId, ReactNode> = {
    general: <GeneralSection settings={settings} desktop={status?.edition === "window"} />,
    server: <ServerSection settings={settings} />,
    keys: <KeysSection store={status?.secretStore} />,
    routing: <RoutingSection settings={settings} models={models} />,
    network: <NetworkSection settings={settings} />,
    requests: <RequestsSection settings={settings} />,
    costs: <CostsSection />,
    backup: <BackupSection />,
    about: status && <AboutSection status={status} />,
  };
  return (
    <div className={classes.columns}>
      <nav className={classes.index} aria-label={t("settings.sections")}>
        {sectionIds.map((id) => (
          <button
            key={id}
            type="button"
            className={classes.link}
            aria-current={id === (section || sectionIds[0]) ? "true" : undefined}
            onClick={() => {
              setSection(id);
              document.getElementById(`section-${id}`)?.scrollIntoView();
            }}
          >
            {t(`settings.section.${id}`)}
          </button>
        ))}
      </nav>
      <div className={classes.sections}>
        {sectionIds.map((id) => (
          <div key={id} id={`section-${id}`} className={classes.section}>
            <Panel title={t(`settings.section.${id}`)} flush>
              {content[id]}
            </Panel>
          </div>
        ))}
      </div>
    </div>
  );
}
