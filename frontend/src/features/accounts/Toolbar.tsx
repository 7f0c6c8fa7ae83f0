import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { accountStates, type AccountState } from "@/api/standing";
import { SearchField } from "@/ui/SearchField";
import type { AccountFilter } from "./filter";
import classes from "./Toolbar.module.css";

interface ToolbarProps {
  filter: AccountFilter;
  total: number;
  counts: ReadonlyMap<AccountState, number>;
  onText: (text: string) => void;
  onState: (state: AccountFilter["state"]) => void;
}

/** What is shown of the accounts: each state that occurs with its count, so that none is hidden (B56). */
export function Toolbar({ filter, total, counts, onText, onState }: ToolbarProps) {
  const { t } = useTranslation();
  const occurring = accountStates.filter((state) => counts.has(state) || state === filter.state);
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("accounts.filter")}>
      <SearchField
        text={filter.text}
        label={t("accounts.searchLabel")}
        placeholder={t("accounts.search")}
        clear={t("common.clearSearch")}
        onText={onText}
      />
      <SegmentedControl
        className={classes.states ?? ""}
        aria-label={t("accounts.filter")}
        value={filter.state}
        onChange={(value) => {
          onState(value);
        }}
        data={[
          { value: "" as const, label: <Segment label={t("accounts.all")} count={total} /> },
          ...occurring.map((state) => ({
            value: state,
            label: <Segment label={t(`account.state.${state}`)} count={counts.get(state) ?? 0} />,
          })),
        ]}
      />
    </div>
  );
}

function Segment({ label, count }: { label: string; count: number }) {
  return (
    <>
      {label} <span className={classes.count}>{count}</span>
    </>
  );
}
