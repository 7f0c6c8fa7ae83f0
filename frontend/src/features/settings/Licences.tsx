import { Skeleton, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pageText } from "@/api/client";
import { Notice } from "@/ui/Notice";
import { DialogRow } from "./DialogRow";
import { termsIn, type Terms } from "./terms";
import classes from "./Licences.module.css";

/** The terms of all that the program is made of. */
export function LicencesRow() {
  const { t } = useTranslation();
  return (
    <DialogRow label={t("care.licences.label")} hint={t("care.licences.hint")} open={t("care.licences.open")}>
      {() => <Licences />}
    </DialogRow>
  );
}

interface Component {
  name: string;
  terms: Terms;
}

function Licences() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const { data, error } = useQuery({
    queryKey: ["licences"],
    queryFn: async ({ signal }) =>
      termsIn(await pageText("licences.txt", signal))
        .flatMap((terms) => terms.names.map((name): Component => ({ name, terms })))
        .sort((a, b) => a.name.localeCompare(b.name)),
    retry: false,
    staleTime: Infinity,
  });
  const wanted = search.trim().toLowerCase();
  const found = data?.filter(({ name }) => name.toLowerCase().includes(wanted)) ?? [];
  return (
    <>
      <p>{t("care.licences.own")}</p>
      {error && <Notice tone="quiet">{t("care.licences.missing")}</Notice>}
      {!data && !error && <Skeleton height={320} />}
      {data && (
        <>
          <TextInput
            type="search"
            aria-label={t("care.licences.search")}
            placeholder={t("care.licences.search")}
            spellCheck={false}
            data-autofocus
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
            }}
          />
          <div className={classes.count} aria-live="polite">
            {t("care.licences.count", { count: found.length })}
          </div>
          <div className={classes.list}>
            {found.map((one) => (
              <ComponentTerms key={one.name} component={one} />
            ))}
          </div>
        </>
      )}
    </>
  );
}

/** One component; its terms are drawn when they are asked for, for they are long. */
function ComponentTerms({ component: { name, terms } }: { component: Component }) {
  const [opened, setOpened] = useState(false);
  return (
    <details
      className={classes.one}
      onToggle={(event) => {
        setOpened(event.currentTarget.open);
      }}
    >
      <summary>{name}</summary>
      {opened && (
        <pre className={classes.text} role="region" aria-label={name} tabIndex={0}>
          {terms.text}
        </pre>
      )}
    </details>
  );
}
