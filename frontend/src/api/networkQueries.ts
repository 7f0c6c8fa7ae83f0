// The network and the routing beside their settings, as more than one page
// shows them.
import { useMutation, useQuery } from "@tanstack/react-query";
import { call } from "./client";
import { keys } from "./queries";
import type { NetworkResult, NetworkState, NetworkTest, Routing } from "./types";

/** What the program found of the network of its machine. */
export function useNetwork() {
  return useQuery({
    queryKey: keys.network,
    // The system changes without a word to anybody.
    staleTime: 0,
    queryFn: ({ signal }) => call<NetworkState>("GET", "/network", undefined, signal),
  });
}

/** Tries a way to a service hop by hop; who asks shows what came out. */
export function useTestNetwork() {
  return useMutation({
    mutationFn: (test: NetworkTest) => call<NetworkResult>("POST", "/network/test", test),
    meta: { inline: true },
  });
}

/** What goes with the settings of routing. */
export function useRouting() {
  return useQuery({
    queryKey: keys.routing,
    queryFn: ({ signal }) => call<Routing>("GET", "/routing", undefined, signal),
  });
}
