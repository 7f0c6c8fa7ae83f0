import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { maskName } from "@/api/identity";
import type { Account } from "@/api/types";
import { SearchField } from "@/ui/SearchField";
import { capabilities, type ModelFilter } from "./filter";
import classes from "./Toolbar.module.css";

interface ToolbarProps {
  filter: ModelFilter;
  /** The providers that have models, by their kind and with their title. */
  providers: readonly { kind: string; title: string }[];
  accounts: readonly Account[];
  onChange: (change: Partial<Record<"text" | "provider" | "can" | "account", string>>) => void;
}

/** What is shown of the models. */
export function Toolbar({ filter, providers, accounts, onChange }: ToolbarProps) {
  const { t } = useTranslation();
  const choose = (name: "provider" | "can" | "account") => (value: string | null) => {
    onChange({ [name]: value ?? "" });
  };
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("models.filter.title")}>
      <SearchField
        text={filter.text}
        label={t("models.searchLabel")}
        placeholder={t("models.search")}
        clear={t("common.clearSearch")}
        onText={(text) => {
          onChange({ text });
        }}
      />
      <Select
        className={classes.choice ?? ""}
        aria-label={t("models.filter.provider")}
        value={filter.provider}
        onChange={choose("provider")}
        data={[
          { value: "", label: t("models.filter.allProviders") },
          ...providers.map(({ kind, title }) => ({ value: kind, label: title })),
        ]}
      />
      <Select
        className={classes.choice ?? ""}
        aria-label={t("models.filter.account")}
        value={filter.account}
        searchable={accounts.length > 10}
        onChange={choose("account")}
        data={[
          { value: "", label: t("models.filter.allAccounts") },
          ...accounts.map(({ id, name }) => ({ value: String(id), label: maskName(name) })),
        ]}
      />
      <Select
        className={classes.choice ?? ""}
        aria-label={t("models.filter.can")}
        value={filter.can}
        onChange={choose("can")}
        data={[
          { value: "", label: t("models.filter.canAll") },
          ...capabilities.map((name) => ({ value: name, label: t(`models.can.${name}`) })),
        ]}
      />
    </div>
  );
}
