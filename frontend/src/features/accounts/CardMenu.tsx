import { ActionIcon, Menu } from "@mantine/core";
import {
  IconDots,
  IconDownload,
  IconKey,
  IconLogin2,
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
  "test" | "edit" | "key" | "signIn" | "enable" | "disable" | "import" | "settings" | "remove";

const icons: Record<MenuAction, typeof IconDots> = {
  test: IconRefresh,
  edit: IconPencil,
  key: IconKey,
  signIn: IconLogin2,
  enable: IconPlayerPlay,
  disable: IconPlayerPause,
  import: IconDownload,
  settings: IconSettings,
  remove: IconTrash,
};

function menuOf(account: Account, way: Way | undefined): MenuAction[] {
  if (isBuiltIn(account)) return ["test", "settings"];
  // What stands in another program's file cannot be changed before it is imported.
  if (account.original) return ["test", "import"];
  const renew = way?.credential === "none" ? [] : [hasKey(way, account) ? ("key" as const) : "signIn"];
  const test: MenuAction[] = account.enabled ? ["test"] : [];
  return [...test, "edit", ...(renew as MenuAction[]), account.enabled ? "disable" : "enable", "remove"];
}

interface CardMenuProps {
  account: Account;
  way: Way | undefined;
  onAction: (action: MenuAction, account: Account) => void;
}

export function CardMenu({ account, way, onAction }: CardMenuProps) {
  const { t } = useTranslation();
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
        {menuOf(account, way).map((action) => {
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
