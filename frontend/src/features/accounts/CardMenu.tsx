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
  IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { hasKey } from "@/api/accounts";
import type { Account, Way } from "@/api/types";
import { maskName } from "./identity";

export type MenuAction = "test" | "edit" | "key" | "signIn" | "enable" | "disable" | "import" | "remove";

const icons: Record<MenuAction, typeof IconDots> = {
  test: IconRefresh,
  edit: IconPencil,
  key: IconKey,
  signIn: IconLogin2,
  enable: IconPlayerPlay,
  disable: IconPlayerPause,
  import: IconDownload,
  remove: IconTrash,
};

function menuOf(account: Account, way: Way | undefined): MenuAction[] {
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
    <Menu position="bottom-end" width={200} shadow="md" transitionProps={{ duration: 80 }}>
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
              {...(action === "remove" ? { color: "red" } : {})}
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
