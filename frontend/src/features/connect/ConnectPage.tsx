import { Button, Select, Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Client, ClientList } from "@/api/types";
import { Blank } from "@/ui/Blank";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { SearchField } from "@/ui/SearchField";
import { useSearchParam, useSetSearchParams } from "@/ui/useSearchParam";
import { ClientCard } from "./ClientCard";
import { ClientDialog } from "./ClientDialog";
import classes from "./ConnectPage.module.css";
import { useClients } from "./queries";
import { clientStates } from "./state";

/** The programs that can be pointed here, how they stand, and what to do about it. */
export default function ConnectPage() {
  const { t } = useTranslation();
  const clients = useClients();
  return (
    <Page title={t("connect.title")} fill>
      {clients.data ? (
        <Content list={clients.data} />
      ) : clients.error ? (
        <div className={classes.state}>
          <Notice
            tone="bad"
            title={t("connect.error")}
            action={<Button onClick={() => void clients.refetch()}>{t("common.retry")}</Button>}
          >
            {clients.error.message}
          </Notice>
        </div>
      ) : (
        <div className={classes.cards} aria-busy aria-label={t("common.loading")}>
          {Array.from({ length: 6 }, (_, card) => (
            <Skeleton key={card} height={116} />
          ))}
        </div>
      )}
    </Page>
  );
}

function select(clients: readonly Client[], state: string, text: string) {
  const wanted = text.toLowerCase();
  return clients.filter(
    (client) => (!state || client.state === state) && client.title.toLowerCase().includes(wanted),
  );
}

function Content({ list }: { list: ClientList }) {
  const { t } = useTranslation();
  const [state, setState] = useSearchParam("state");
  const [text, setText] = useSearchParam("text");
  const [opened, setOpened] = useSearchParam("client");
  const setParams = useSetSearchParams();
  const shown = select(list.clients, state, text);
  const client = list.clients.find(({ id }) => id === opened);
  const count = list.clients.length;
  return (
    <>
      <div className={classes.bar} role="toolbar" aria-label={t("connect.searchLabel")}>
        <SearchField
          text={text}
          label={t("connect.searchLabel")}
          placeholder={t("connect.search")}
          clear={t("common.clearSearch")}
          onText={setText}
        />
        {list.here && (
          <Select
            aria-label={t("connect.state.label")}
            value={state}
            onChange={(value) => {
              setState(value ?? "");
            }}
            data={[
              { value: "", label: t("connect.state.all") },
              ...clientStates.map((name) => ({ value: name, label: t(`connect.state.${name}`) })),
            ]}
          />
        )}
        <span className={classes.count} aria-live="polite">
          {shown.length === count
            ? t("connect.count", { count })
            : t("connect.countOf", { shown: shown.length, count })}
        </span>
      </div>
      <div className={classes.scroller}>
        {!list.here && <Notice tone="quiet">{t("connect.elsewhere")}</Notice>}
        {!list.reachable && <Notice tone="warn">{t("connect.unreachable")}</Notice>}
        {shown.length > 0 ? (
          <div className={classes.cards}>
            {shown.map((one) => (
              <ClientCard
                key={one.id}
                client={one}
                here={list.here}
                onOpen={() => {
                  setOpened(one.id);
                }}
              />
            ))}
          </div>
        ) : (
          <Blank
            title={t("connect.none")}
            action={
              <Button
                onClick={() => {
                  setParams({ state: "", text: "" });
                }}
              >
                {t("connect.showAll")}
              </Button>
            }
          >
            {t("connect.noneHint")}
          </Blank>
        )}
      </div>
      {client && (
        <ClientDialog
          client={client}
          here={list.here}
          onClose={() => {
            setOpened("");
          }}
        />
      )}
    </>
  );
}
