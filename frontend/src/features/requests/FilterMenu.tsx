import { Button, Popover, Select, Stack } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { timeSpans, type ExchangeFilter } from "@/api/client";
import { filterFields, type FilterField } from "./filter";
import { useChoices } from "./queries";

interface FilterMenuProps {
  filter: ExchangeFilter;
  onFilter: (changes: Partial<Record<FilterField, string>>) => void;
}

interface Choice {
  value: string;
  label: string;
}

/** What was chosen stays choosable, although the log has none of it any more. */
function withChosen(choices: Choice[], chosen: string): Choice[] {
  if (!chosen || choices.some(({ value }) => value === chosen)) return choices;
  return [{ value: chosen, label: chosen }, ...choices];
}

function useOptions(): Record<FilterField, Choice[]> {
  const { t } = useTranslation();
  const { data } = useChoices();
  const same = (names: readonly string[] = []) => names.map((name) => ({ value: name, label: name }));
  return {
    provider: same(data?.providers ?? []),
    account: (data?.accounts ?? []).map(({ id, name }) => ({ value: String(id), label: name || String(id) })),
    model: same(data?.models ?? []),
    client: same(data?.clients ?? []),
    key: same(data?.keys ?? []),
    since: timeSpans.flatMap((span) => (span ? [{ value: span, label: t(`requests.span.${span}`) }] : [])),
  };
}

/** Narrows the log by what its requests have in common. */
export function FilterMenu({ filter, onFilter }: FilterMenuProps) {
  const { t } = useTranslation();
  const set = filterFields.filter((field) => filter[field] !== "").length;
  return (
    <Popover position="bottom-start" shadow="md" width={280} trapFocus>
      <Popover.Target>
        <Button leftSection={<IconFilter size={14} />} aria-pressed={set > 0}>
          {set > 0 ? t("requests.filtersCount", { n: set }) : t("requests.filters")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Fields filter={filter} onFilter={onFilter} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Fields({ filter, onFilter }: FilterMenuProps) {
  const { t } = useTranslation();
  const options = useOptions();
  return (
    <Stack gap={8}>
      {filterFields.map((field) => (
        <Select
          key={field}
          label={t(`requests.by.${field}`)}
          placeholder={t("requests.any")}
          data={withChosen(options[field], filter[field])}
          value={filter[field] || null}
          searchable={options[field].length > 8}
          clearable
          comboboxProps={{ withinPortal: false }}
          onChange={(value) => {
            onFilter({ [field]: value ?? "" });
          }}
        />
      ))}
      <Button
        variant="subtle"
        disabled={filterFields.every((field) => filter[field] === "")}
        onClick={() => {
          onFilter(Object.fromEntries(filterFields.map((field) => [field, ""])));
        }}
      >
        {t("requests.clearFilters")}
      </Button>
    </Stack>
  );
}
