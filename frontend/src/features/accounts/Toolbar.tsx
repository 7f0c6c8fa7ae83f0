import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SearchField } from "@/ui/SearchField";
import { accountStates, type AccountFilter, type AccountState } from "./filter";
import classes from "./Toolbar.module.css";

interface ToolbarProps {
  filter: AccountFilter;
  total: number;
  counts: Record<AccountState, number>;
  onText: (text: string) => void;
  onState: (state: AccountFilter["state"]) => void;
}

/** What is shown of the accounts: each state that occurs with its count, so that none is hidden (B56). */
export function Toolbar({ filter, total, counts, onText, onState }: ToolbarProps) {
  const { t } = useTranslation();
  const occurring = accountStates.filter((state) => counts[state] > 0 || state === filter.state);
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
        aria-label={t("accounts.filter")}
        value={filter.state}
        onChange={(value) => {
          onState(value);
        }}
        data={[
          { value: "" as const, label: <Segment label={t("accounts.all")} count={total} /> },
          ...occurring.map((state) => ({
            value: state,
            label: <Segment label={t(`account.state.${state}`)} count={counts[state]} />,
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
