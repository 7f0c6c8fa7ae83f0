import { Button, Select, Skeleton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useModels } from "@/api/queries";
import type { Client, ClientPreview } from "@/api/types";
import { useText } from "@/i18n/text";
import { Dialog, DialogBody, DialogFoot } from "@/ui/Dialog";
import { Fold } from "@/ui/Fold";
import { Notice } from "@/ui/Notice";
import { notify } from "@/ui/notify";
import { Changes } from "./Changes";
import classes from "./ClientDialog.module.css";
import { useApiKeys, useApply, usePreview } from "./queries";
import { Snippets } from "./Snippets";

interface ClientDialogProps {
  client: Client;
  here: boolean;
  onClose: () => void;
}

/** Points one client here: what it gets, what changes, what can be copied instead. */
export function ClientDialog({ client, here, onClose }: ClientDialogProps) {
  const { t } = useTranslation();
  const text = useText();
  const models = useModels();
  const [chosen, setChosen] = useState(client.model);
  const [keyId, setKeyId] = useState(client.keyId);
  const names = models.data?.map(({ id }) => id) ?? [];
  const model = chosen || (names[0] ?? "");
  const preview = usePreview(client.id, { model, keyId });
  const apply = useApply();
  const applies = here && client.files.length > 0;
  const usable = model !== "" && preview.data?.changes.every(({ problem }) => !problem);
  const problem = apply.error ?? preview.error;
  const submit = () => {
    const digests = preview.data?.changes.map(({ digest }) => digest) ?? [];
    apply.mutate(
      { id: client.id, model, keyId, digests },
      {
        onSuccess: () => {
          notify({ title: client.title, message: t("connect.applied") });
          onClose();
        },
        onError: () => void preview.refetch(),
      },
    );
  };
  const steps = (
    <ol className={classes.steps}>
      {client.steps.map((step) => (
        <li key={step.en}>{text(step)}</li>
      ))}
    </ol>
  );
  return (
    <Dialog opened title={client.title} closeLabel={t("common.close")} size={680} onClose={onClose}>
      <DialogBody>
        {client.caution && <Notice tone="warn">{text(client.caution)}</Notice>}
        {models.data?.length === 0 && <Notice tone="warn">{t("connect.noModels")}</Notice>}
        <div className={classes.choice}>
          <Select
            label={t("connect.model")}
            placeholder={t("connect.choose")}
            searchable
            value={model || null}
            onChange={(value) => {
              setChosen(value ?? "");
            }}
            data={names.includes(model) || !model ? names : [model, ...names]}
          />
          <KeySelect client={client} keyId={keyId} onChange={setKeyId} />
        </div>
        {!applies && <Titled title={t("connect.steps")}>{steps}</Titled>}
        {problem && (
          <Notice tone="bad" title={t("connect.failed")}>
            {problem.message}
          </Notice>
        )}
        {preview.data ? (
          <Body client={client} applies={applies} preview={preview.data} model={model} />
        ) : (
          !preview.error && <Skeleton height={120} />
        )}
        {applies && <Titled title={t("connect.after")}>{steps}</Titled>}
        <p className={classes.source}>
          {t("connect.source", { source: client.source.replace("https://", ""), date: client.checked })}
        </p>
      </DialogBody>
      <DialogFoot>
        <Button onClick={onClose}>{t(applies ? "common.cancel" : "common.close")}</Button>
        {applies && (
          <Button
            variant="filled"
            disabled={!usable || preview.isPlaceholderData}
            loading={apply.isPending}
            onClick={submit}
          >
            {t("connect.apply")}
          </Button>
        )}
      </DialogFoot>
    </Dialog>
  );
}

interface BodyProps {
  client: Client;
  applies: boolean;
  preview: ClientPreview;
  model: string;
}

function Body({ client, applies, preview, model }: BodyProps) {
  const { t } = useTranslation();
  const snippets = <Snippets name={client.title} preview={preview} model={model} values={!applies} />;
  if (!applies) return <Titled title={t("connect.values")}>{snippets}</Titled>;
  return (
    <>
      <Titled title={t("connect.change")}>
        <Changes changes={preview.changes} />
      </Titled>
      <Fold label={t("connect.snippets")}>{snippets}</Fold>
    </>
  );
}

function Titled({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={classes.part}>
      <h3 className={classes.title}>{title}</h3>
      {children}
    </section>
  );
}

interface KeySelectProps {
  client: Client;
  keyId: number;
  onChange: (id: number) => void;
}

/** The API key that the client gets: one of its own, or one that is there. */
function KeySelect({ client, keyId, onChange }: KeySelectProps) {
  const { t } = useTranslation();
  const { data: apiKeys = [] } = useApiKeys();
  const others = apiKeys.filter(
    ({ enabled, name, id }) => enabled && (name !== client.title || id === keyId),
  );
  return (
    <Select
      label={t("connect.key")}
      value={String(keyId)}
      allowDeselect={false}
      onChange={(value) => {
        onChange(Number(value));
      }}
      data={[
        { value: "0", label: t("connect.ownKey", { name: client.title }) },
        ...others.map(({ id, name, masked }) => ({ value: String(id), label: `${name} · ${masked}` })),
      ]}
    />
  );
}
