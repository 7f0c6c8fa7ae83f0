import { ActionIcon, Button, SegmentedControl } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { statusClasses, type ExchangeFilter } from "@/api/client";
import { SearchField } from "@/ui/SearchField";
import { ExportMenu } from "./ExportMenu";
import type { FilterField } from "./filter";
import { FilterMenu } from "./FilterMenu";
import classes from "./Toolbar.module.css";

interface ToolbarProps {
  filter: ExchangeFilter;
  onText: (text: string) => void;
  onClass: (value: ExchangeFilter["class"]) => void;
  onFilter: (changes: Partial<Record<FilterField, string>>) => void;
  paused: boolean;
  /** How many have come since the pause. */
  waiting: number;
  onPause: () => void;
  onWipe: () => void;
}

/** What is shown of the log, and whether it moves. */
export function Toolbar({
  filter,
  onText,
  onClass,
  onFilter,
  paused,
  waiting,
  onPause,
  onWipe,
}: ToolbarProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("requests.filter")}>
      <SearchField
        text={filter.text}
        label={t("requests.searchLabel")}
        placeholder={t("requests.search")}
        clear={t("common.clearSearch")}
        onText={onText}
      />
      <SegmentedControl
        aria-label={t("requests.filter")}
        value={filter.class}
        onChange={(value) => {
          onClass(value);
        }}
        data={statusClasses.map((value) => ({ value, label: t(`requests.class.${value || "all"}`) }))}
      />
      <FilterMenu filter={filter} onFilter={onFilter} />
      <div className={classes.actions}>
        <Button
          leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
          aria-pressed={paused}
          onClick={onPause}
        >
          {t(paused ? "requests.resume" : "requests.pause")}
          {paused && waiting > 0 && (
            <span className={classes.waiting} aria-live="polite">
              {t("requests.new", { count: waiting })}
            </span>
          )}
        </Button>
        <ExportMenu filter={filter} />
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t("requests.wipe")}
          title={t("requests.wipe")}
          onClick={onWipe}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </div>
    </div>
  );
}
