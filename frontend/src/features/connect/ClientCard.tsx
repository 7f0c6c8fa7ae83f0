import { Button } from "@mantine/core";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Client } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Chip } from "@/ui/Chip";
import { notify } from "@/ui/notify";
import classes from "./ClientCard.module.css";
import { isWaiting, useUndo } from "./queries";
import { StateChip } from "./StateChip";
import { UndoDialog } from "./UndoDialog";

interface ClientCardProps {
  client: Client;
  /** Its files are on this machine. */
  here: boolean;
  onOpen: () => void;
}

/** One client: how it stands, and what can be done with it. */
export function ClientCard({ client, here, onOpen }: ClientCardProps) {
  const { t } = useTranslation();
  const id = useId();
  const undo = useUndo();
  const [conflict, setConflict] = useState(false);
  const { title: name } = client;
  const applies = here && client.files.length > 0;
  const takeBack = () => {
    undo.mutate(
      { id: client.id, digests: [] },
      {
        onSuccess: () => {
          notify({ message: t("connect.undone", { name }) });
        },
        onError: () => {
          setConflict(true);
        },
      },
    );
  };
  return (
    <article className={classes.card} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id} className={classes.name}>
          {name}
        </h2>
        <StateChip client={client} />
      </div>
      <div className={classes.facts}>
        {client.files.length > 0 ? (
          <code className={classes.file} title={client.files.join("\n")}>
            {ending(client.files[0] ?? "")}
          </code>
        ) : (
          <span>{t("connect.byHand")}</span>
        )}
        {client.model && <code className={classes.file}>{client.model}</code>}
        <News client={client} />
      </div>
      <div className={classes.foot}>
        <Button
          size="compact-sm"
          aria-label={t(applies ? "connect.configureName" : "connect.showName", { name })}
          onClick={onOpen}
        >
          {t(applies ? "connect.configure" : "connect.show")}
        </Button>
        {client.applied && (
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={t("connect.undoName", { name })}
            loading={undo.isPending}
            onClick={takeBack}
          >
            {t("connect.undo")}
          </Button>
        )}
      </div>
      {conflict && (
        <UndoDialog
          client={client}
          onClose={() => {
            setConflict(false);
          }}
        />
      )}
    </article>
  );
}

/** The end of a path, which says more than its beginning. */
function ending(path: string): string {
  const steps = path.split(/[\\/]/);
  return steps.length > 3 ? `…/${steps.slice(-2).join("/")}` : path;
}

/** What a person should know of a client now: a problem first. */
function News({ client }: { client: Client }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (client.problem) return <span className={classes.problem}>{client.problem}</span>;
  if (client.outdated) return <span className={classes.problem}>{t("connect.outdated")}</span>;
  return (
    <span aria-live="polite">
      {isWaiting(client) && <Chip tone="live">{t("connect.waiting")}</Chip>}
      {client.first && t("connect.came", { time: format.moment(client.first) })}
    </span>
  );
}
