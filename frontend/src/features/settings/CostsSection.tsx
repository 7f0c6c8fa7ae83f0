import { ActionIcon, Button, Skeleton, TextInput, Tooltip } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useState, type SyntheticEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Price, Prices } from "@/api/types";
import { Notice } from "@/ui/Notice";
import classes from "./CostsSection.module.css";
import { usePrices, useSetPrices } from "./prices";

/** The user's own prices, which can be changed, and those that the program knows. */
export function CostsSection() {
  const { t } = useTranslation();
  const { data: prices, error, refetch } = usePrices();
  if (error) {
    return (
      <div className={classes.part}>
        <Notice
          tone="bad"
          title={t("settings.costs.error")}
          action={<Button onClick={() => void refetch()}>{t("common.retry")}</Button>}
        >
          {error.message}
        </Notice>
      </div>
    );
  }
  if (!prices) return <Skeleton height={120} />;
  return (
    <>
      <OwnPrices own={prices.own} />
      <KnownPrices prices={prices} />
    </>
  );
}

function OwnPrices({ own }: { own: readonly Price[] }) {
  const { t } = useTranslation();
  const change = useSetPrices(own);
  const [edited, setEdited] = useState<Price>();
  const put = (price: Price) => {
    const rest = own.filter(({ model }) => model !== price.model && model !== edited?.model);
    change.set([...rest, price], () => {
      setEdited(undefined);
    });
  };
  return (
    <div className={classes.part}>
      <p className={classes.hint}>{t("settings.costs.hint")}</p>
      {own.length === 0 ? (
        <p className={classes.hint}>{t("settings.costs.none")}</p>
      ) : (
        <PriceTable
          label={t("settings.costs.own")}
          prices={own}
          actions={({ model, ...price }) => (
            <>
              <Act
                label={t("settings.costs.edit", { model })}
                icon={<IconPencil size={16} />}
                onClick={() => {
                  setEdited({ model, ...price });
                }}
              />
              <Act
                label={t("settings.costs.remove", { model })}
                icon={<IconTrash size={16} />}
                onClick={() => {
                  change.set(own.filter((other) => other.model !== model));
                }}
              />
            </>
          )}
        />
      )}
      <PriceForm key={edited?.model ?? own.length} edited={edited} onSave={put} busy={change.isPending} />
      {change.error && <Notice tone="bad">{change.error.message}</Notice>}
    </div>
  );
}

interface ActProps {
  label: string;
  icon: ReactNode;
  onClick: () => void;
}

function Act({ label, icon, onClick }: ActProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

const mostDollars = 100_000;

/** The price that a person wrote; undefined is none. */
function priceOf(text: string): number | undefined {
  const plain = text.trim().replace(",", ".");
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(plain)) return undefined;
  return Number(plain) <= mostDollars ? Number(plain) : undefined;
}

interface PriceFormProps {
  edited: Price | undefined;
  busy: boolean;
  onSave: (price: Price) => void;
}

function PriceForm({ edited, busy, onSave }: PriceFormProps) {
  const { t } = useTranslation();
  const [model, setModel] = useState(edited?.model ?? "");
  const [input, setInput] = useState(String(edited?.input ?? ""));
  const [cached, setCached] = useState(String(edited?.cachedInput ?? ""));
  const [output, setOutput] = useState(String(edited?.output ?? ""));
  const [tried, setTried] = useState(false);
  const amounts = { input: priceOf(input), output: priceOf(output), cached: priceOf(cached) };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (model.trim() === "" || amounts.input === undefined || amounts.output === undefined) return;
    if (cached.trim() !== "" && amounts.cached === undefined) return;
    const price = { model: model.trim(), input: amounts.input, output: amounts.output };
    onSave(amounts.cached === undefined ? price : { ...price, cachedInput: amounts.cached });
  };
  const wrong = (bad: boolean) => (tried && bad ? t("settings.costs.notPrice") : undefined);
  const amount = { w: 104, inputMode: "decimal" } as const;
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <TextInput
        label={t("settings.costs.model")}
        value={model}
        spellCheck={false}
        className={classes.grow ?? ""}
        error={tried && model.trim() === ""}
        onChange={(event) => {
          setModel(event.currentTarget.value);
        }}
      />
      <TextInput
        {...amount}
        label={t("settings.costs.input")}
        value={input}
        error={wrong(amounts.input === undefined)}
        onChange={(event) => {
          setInput(event.currentTarget.value);
        }}
      />
      <TextInput
        {...amount}
        label={t("settings.costs.cached")}
        placeholder={t("settings.costs.cachedHint")}
        value={cached}
        error={wrong(cached.trim() !== "" && amounts.cached === undefined)}
        onChange={(event) => {
          setCached(event.currentTarget.value);
        }}
      />
      <TextInput
        {...amount}
        label={t("settings.costs.output")}
        value={output}
        error={wrong(amounts.output === undefined)}
        onChange={(event) => {
          setOutput(event.currentTarget.value);
        }}
      />
      <Button type="submit" loading={busy}>
        {t(edited ? "settings.costs.save" : "settings.costs.add")}
      </Button>
    </form>
  );
}

function KnownPrices({ prices }: { prices: Prices }) {
  const { t, i18n } = useTranslation();
  const zh = i18n.language.startsWith("zh");
  return (
    <details className={classes.part}>
      <summary>{t("settings.costs.known", { date: prices.date })}</summary>
      <p className={classes.hint}>{t("settings.costs.knownHint")}</p>
      {prices.services.map(({ title, source, prices: list }) => (
        <div key={source}>
          <h3 className={classes.service}>
            {zh ? title.zh : title.en}
            <a href={source} target="_blank" rel="noreferrer">
              {t("settings.costs.source")}
            </a>
          </h3>
          <PriceTable label={zh ? title.zh : title.en} prices={list} />
        </div>
      ))}
    </details>
  );
}

interface PriceTableProps {
  label: string;
  prices: readonly Price[];
  actions?: (price: Price) => ReactNode;
}

function PriceTable({ label, prices, actions }: PriceTableProps) {
  const { t } = useTranslation();
  return (
    <table className={classes.table} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{t("settings.costs.model")}</th>
          <th scope="col">{t("settings.costs.input")}</th>
          <th scope="col">{t("settings.costs.cached")}</th>
          <th scope="col">{t("settings.costs.output")}</th>
          {actions && <td />}
        </tr>
      </thead>
      <tbody>
        {prices.map((price) => (
          <tr key={price.model}>
            <th scope="row">{price.model}</th>
            <td>{price.input}</td>
            <td>{price.cachedInput ?? price.input}</td>
            <td>{price.output}</td>
            {actions && <td>{actions(price)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
