import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconDots,
  IconDownload,
  IconGauge,
  IconKey,
  IconLogin2,
  IconNetwork,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconSettings,
  IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { hasKey, isBuiltIn } from "@/api/accounts";
import type { Account, Way } from "@/api/types";
import { maskName } from "@/api/identity";

export type MenuAction =
  | "test"
  | "edit"
  | "routing"
  | "network"
  | "key"
  | "signIn"
  | "up"
  | "down"
  | "enable"
  | "disable"
  | "import"
  | "settings"
  | "remove";

const icons: Record<MenuAction, typeof IconDots> = {
  test: IconRefresh,
  edit: IconPencil,
  routing: IconGauge,
  network: IconNetwork,
  key: IconKey,
  signIn: IconLogin2,
  up: IconArrowUp,
  down: IconArrowDown,
  enable: IconPlayerPlay,
  disable: IconPlayerPause,
  import: IconDownload,
  settings: IconSettings,
  remove: IconTrash,
};

function menuOf({ account, way, up, down }: Omit<CardMenuProps, "onAction">): MenuAction[] {
  if (isBuiltIn(account)) return ["test", "settings"];
  // What stands in another program's file cannot be changed before it is imported.
  if (account.original) return ["test", "import"];
  const renew: MenuAction[] = way?.credential === "none" ? [] : [hasKey(way, account) ? "key" : "signIn"];
  const test: MenuAction[] = account.enabled ? ["test"] : [];
  const move: MenuAction[] = [...(up ? (["up"] as const) : []), ...(down ? (["down"] as const) : [])];
  const toggle = account.enabled ? "disable" : "enable";
  return [...test, "edit", "routing", "network", ...renew, ...move, toggle, "remove"];
}

interface CardMenuProps {
  account: Account;
  way: Way | undefined;
  up: boolean;
  down: boolean;
  onAction: (action: MenuAction, account: Account) => void;
}

export function CardMenu({ onAction, ...about }: CardMenuProps) {
  const { t } = useTranslation();
  const { account } = about;
  return (
    <Menu
      position="bottom-end"
      width={224}
      shadow="md"
      transitionProps={{ duration: 80 }}
      // Within the page, so that it belongs to a landmark; no menu item but those of ours.
      portalProps={{ target: "#main" }}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <ActionIcon aria-label={t("accounts.card.menu", { name: maskName(account.name) })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {menuOf(about).map((action) => {
          const Icon = icons[action];
          return (
            <Menu.Item
              key={action}
              leftSection={<Icon size={14} aria-hidden />}
              {...(action === "remove" ? { c: "var(--bad)" } : {})}
              onClick={() => {
                onAction(action, account);
              }}
            >
              {t(`accounts.menu.${action}`)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
