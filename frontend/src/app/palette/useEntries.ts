import {
  IconClipboard,
  IconDownload,
  IconKey,
  IconKeyboard,
  IconLanguage,
  IconListDetails,
  IconLogout,
  IconMoon,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconSettings,
  IconSparkles,
  IconSun,
  IconUsers,
  type Icon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useAccounts } from "@/api/accountQueries";
import { allExchanges, api } from "@/api/client";
import { maskName } from "@/api/identity";
import { keys, useChangeSettings, useModels, useStatus } from "@/api/queries";
import type { SettingsPatch } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { useFormat } from "@/i18n/format";
import { notify } from "@/ui/notify";
import { pages } from "../pages";
import { signOut } from "../session";
import type { Findable } from "./match";

/** One line of the palette. */
export interface Entry extends Findable {
  id: string;
  group: "pages" | "commands" | "settings" | "accounts" | "models" | "requests";
  icon: Icon;
  /** What tells it from others of its name. */
  hint?: string;
  run: () => void;
}

const recentCount = 20;

interface Actions {
  toggleListener: (running: boolean) => void;
  showShortcuts: () => void;
}

/** Everything the palette offers. */
export function useEntries(actions: Actions): Entry[] {
  return [...usePages(), ...useCommands(actions), ...useSections(), ...useThings()];
}

function usePages(): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return pages.map(({ path, label, icon }) => ({
    id: `page ${path}`,
    group: "pages",
    label: t(label),
    icon,
    run: () => void navigate(path),
  }));
}

function useCommands({ toggleListener, showShortcuts }: Actions): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: status } = useStatus();
  const change = useChangeSettings();
  const running = status?.listener.state === "running";
  const copy = async (text: string | Promise<string>) => {
    try {
      await copyText(await text);
      notify({ message: t("common.copied"), closeAfterMs: 1600 });
    } catch (cause) {
      notify({ tone: "bad", title: t("common.failed"), message: String(cause) });
    }
  };
  const command = (id: string, label: string, icon: Icon, run: () => void, words = ""): Entry => ({
    id,
    group: "commands",
    label,
    icon,
    words,
    run,
  });
  const setting = (id: string, label: string, icon: Icon, patch: SettingsPatch): Entry =>
    command(id, label, icon, () => {
      change.mutate(patch);
    });
  const keyId = status?.keyId ?? 0;
  return [
    command(
      "listener",
      t(running ? "palette.stop" : "palette.start"),
      running ? IconPlayerStop : IconPlayerPlay,
      () => {
        toggleListener(!running);
      },
      t("palette.listenerWords"),
    ),
    command("url", t("overview.copyBaseUrl"), IconClipboard, () => void copy(status?.listener.baseUrl ?? "")),
    ...(keyId > 0
      ? [command("key", t("overview.copyKey"), IconKey, () => void copy(api.keySecret(keyId)))]
      : []),
    command("add", t("palette.add"), IconPlus, () => void navigate("/accounts?dialog=add")),
    command("import", t("palette.import"), IconDownload, () => void navigate("/accounts?dialog=import")),
    setting("light", t("palette.light"), IconSun, { theme: "light" }),
    setting("dark", t("palette.dark"), IconMoon, { theme: "dark" }),
    setting("system", t("palette.system"), IconSun, { theme: "system" }),
    // A language is named in itself, so that its speakers find it.
    setting("en", "Language: English", IconLanguage, { language: "en" }),
    setting("zh", "语言：简体中文", IconLanguage, { language: "zh-CN" }),
    command("keys", t("palette.shortcuts"), IconKeyboard, showShortcuts),
    ...(status?.edition === "web"
      ? [
          command("out", t("palette.signOut"), IconLogout, () => void signOut()),
          command("outAll", t("palette.signOutEverywhere"), IconLogout, () => void signOut(true)),
        ]
      : []),
  ];
}

function useSections(): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sections = t("settings.section", { returnObjects: true });
  return Object.entries(sections).map(([id, label]) => ({
    id: `section ${id}`,
    group: "settings",
    label,
    words: t("nav.settings"),
    icon: IconSettings,
    run: () => void navigate(`/settings?section=${id}`),
  }));
}

/** What there is: accounts, models, the last requests. */
function useThings(): Entry[] {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const { data: accounts = [] } = useAccounts();
  const { data: models = [] } = useModels();
  const { data: recent = [] } = useQuery({
    queryKey: [...keys.exchanges, "palette"],
    queryFn: async ({ signal }) => (await api.exchanges(allExchanges, 0, recentCount, signal)).exchanges,
    staleTime: 0,
  });
  const search = (page: string, text: string) => void navigate(`${page}?text=${encodeURIComponent(text)}`);
  return [
    ...accounts.map((account): Entry => ({
      id: `account ${account.id}`,
      group: "accounts",
      label: maskName(account.name),
      hint: t(`account.state.${account.state}`),
      words: account.provider,
      icon: IconUsers,
      run: () => {
        search("/accounts", account.name);
      },
    })),
    ...models.map(({ id, provider }): Entry => ({
      id: `model ${id}`,
      group: "models",
      label: id,
      words: provider,
      icon: IconSparkles,
      run: () => {
        const known: readonly { path: string }[] = pages;
        search(known.some(({ path }) => path === "/models") ? "/models" : "/requests", id);
      },
    })),
    ...recent.map(({ id, asked, client, start, status }): Entry => ({
      id: `request ${id}`,
      group: "requests",
      label: `#${id} ${asked}`,
      hint: [format.clock(start), String(status), client].filter(Boolean).join(" · "),
      icon: IconListDetails,
      run: () => void navigate(`/requests?request=${id}`),
    })),
  ];
}
