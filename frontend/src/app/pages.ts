import {
  IconBox,
  IconHome,
  IconListDetails,
  IconMessage,
  IconPlugConnected,
  IconSettings,
  IconUsers,
} from "@tabler/icons-react";

/** The pages, in the order of the rail. The palette finds them here too. */
export const pages = [
  { path: "/", label: "nav.overview", icon: IconHome },
  { path: "/requests", label: "nav.requests", icon: IconListDetails },
  { path: "/accounts", label: "nav.accounts", icon: IconUsers },
  { path: "/models", label: "nav.models", icon: IconBox },
  { path: "/connect", label: "nav.connect", icon: IconPlugConnected },
  { path: "/playground", label: "nav.playground", icon: IconMessage },
  { path: "/settings", label: "nav.settings", icon: IconSettings },
] as const;
