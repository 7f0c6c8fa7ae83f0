import { IconAlertTriangle, IconCheck, IconCircleDashed, IconPencil, IconPoint } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Client } from "@/api/types";
import { Chip } from "@/ui/Chip";
import { tones } from "./state";

const icons = {
  configured: IconCheck,
  changed: IconPencil,
  conflict: IconAlertTriangle,
  original: IconPoint,
  notFound: IconCircleDashed,
  unknown: IconCircleDashed,
} as const satisfies Record<Client["state"], unknown>;

/** A client's state in a word. */
export function StateChip({ client: { state } }: { client: Client }) {
  const { t } = useTranslation();
  const Icon = icons[state];
  return (
    <Chip tone={tones[state]} icon={<Icon size={14} aria-hidden />} hint={t(`connect.stateHint.${state}`)}>
      {t(`connect.state.${state}`)}
    </Chip>
  );
}
