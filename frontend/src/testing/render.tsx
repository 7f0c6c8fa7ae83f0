import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { HashRouter } from "react-router";
import { afterEach, beforeAll } from "vitest";
import { createQueryClient } from "@/app/queryClient";
import { theme } from "@/app/theme";
import { startI18n } from "@/i18n/i18n";
import { loadWords } from "@/i18n/words";

// Asking for the style of every element to find hidden ones takes most of the
// time of a test, and a busy machine is slow.
configure({ defaultHidden: true, asyncUtilTimeout: 10_000 });

beforeAll(async () => {
  await startI18n("en");
  await loadWords();
});
afterEach(() => {
  cleanup();
  notifications.clean();
});

/** Renders what needs the theme, the cache and the address, and answers the person at it. */
export function renderPage(page: ReactElement, path = "/") {
  window.location.hash = path;
  const client = createQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  const view = render(
    <MantineProvider theme={theme} env="test">
      <Notifications />
      <QueryClientProvider client={client}>
        <HashRouter>{page}</HashRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { ...view, client, user: userEvent.setup({ delay: null }) };
}

/** Catches what is copied. */
export function catchCopies(): string[] {
  const copies: string[] = [];
  Object.defineProperty(window, "isSecureContext", { configurable: true, value: true });
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: {
      writeText: (text: string) => {
        copies.push(text);
        return Promise.resolve();
      },
    },
  });
  return copies;
}

/** The element at a place of a list, which is there. */
export function nth<T>(list: ArrayLike<T>, index = 0): T {
  const item = list[index];
  if (item === undefined) throw new Error(`there are only ${list.length}`);
  return item;
}
