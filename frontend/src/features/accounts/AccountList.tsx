import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { AccountAction } from "@/api/accounts";
import type { Account, Provider, Reference } from "@/api/types";
import { useText } from "@/i18n/text";
import { AccountCard } from "./AccountCard";
import classes from "./AccountList.module.css";
import type { MenuAction } from "./CardMenu";
import type { Item } from "./filter";
import { Place, Reorder } from "./Reorder";

const groupHeight = 40;
const cardHeight = 100;
const overscan = 12;

interface AccountListProps {
  items: readonly Item[];
  providers: readonly Provider[];
  onAction: (action: AccountAction | MenuAction, account: Account, model?: string) => void;
  onInstead: (way: Reference) => void;
  onMove: (id: number, over: number) => void;
}

function keyOf(item: Item | undefined, index: number): string {
  if (!item) return String(index);
  return item.kind === "group" ? `group ${item.provider}` : `account ${item.account.id}`;
}

/** The cards, grouped by provider: of any number, only those in sight are in the document. */
export function AccountList({ items, providers, onAction, onInstead, onMove }: AccountListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (items[index]?.kind === "group" ? groupHeight : cardHeight),
    getItemKey: (index) => keyOf(items[index], index),
    overscan,
  });
  const lines = virtual.getVirtualItems();
  const accounts = items.flatMap((item) => (item.kind === "account" ? [item.account] : []));
  return (
    <div ref={scroller} className={classes.scroller}>
      <div className={classes.all} style={{ height: virtual.getTotalSize() }}>
        <div className={classes.shown} style={{ transform: `translateY(${lines[0]?.start ?? 0}px)` }}>
          <Reorder accounts={accounts} onMove={onMove}>
            {lines.map(({ key, index }) => {
              const item = items[index];
              return (
                item && (
                  <div key={key} ref={virtual.measureElement} data-index={index} className={classes.line}>
                    {item.kind === "group" ? (
                      <Group item={item} providers={providers} />
                    ) : (
                      <Place account={item.account}>
                        <AccountCard
                          account={item.account}
                          providers={providers}
                          up={item.up}
                          down={item.down}
                          onAction={onAction}
                          onInstead={onInstead}
                        />
                      </Place>
                    )}
                  </div>
                )
              );
            })}
          </Reorder>
        </div>
      </div>
    </div>
  );
}

function Group({
  item,
  providers,
}: {
  item: Extract<Item, { kind: "group" }>;
  providers: readonly Provider[];
}) {
  const { t } = useTranslation();
  const text = useText();
  const title = text(providers.find(({ kind }) => kind === item.provider)?.title) || item.provider;
  return (
    <div className={classes.group}>
      <h2 className={classes.title}>{title}</h2>
      <span className={classes.count}>
        {t("accounts.group", { count: item.total, ready: item.ready, total: item.total })}
      </span>
    </div>
  );
}
