import type { Client } from "@/api/types";
import type { Tone } from "@/ui/Chip";

/** The states that a client on this machine can have, in the order of the filter. */
export const clientStates = ["configured", "changed", "conflict", "original", "notFound"] as const;

export const tones: Record<Client["state"], Tone> = {
  configured: "ok",
  changed: "warn",
  conflict: "bad",
  original: "quiet",
  notFound: "quiet",
  unknown: "quiet",
};
