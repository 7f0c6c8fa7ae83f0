import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { HashRouter } from "react-router";
import { ErrorBoundary } from "./ErrorBoundary";
import { Gate } from "./Gate";
import { createQueryClient } from "./queryClient";
import { cssVariables, theme } from "./theme";

/** The whole user interface. */
export function App() {
  const [client] = useState(createQueryClient);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={4} transitionDuration={120} />
      <ErrorBoundary>
        <QueryClientProvider client={client}>
          {/* The address behind # needs no server that answers every path, which the window has not. */}
          <HashRouter>
            <Gate />
          </HashRouter>
        </QueryClientProvider>
      </ErrorBoundary>
    </MantineProvider>
  );
}
