import { Button, Input, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alias, Model } from "@/api/types";
import { Dialog, DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { AddModel } from "./AddModel";
import { problemOf } from "./aliases";
import { OrderedModels } from "./OrderedModels";

interface AliasDialogProps {
  /** The alias that is changed; undefined is a new one. */
  alias: Alias | undefined;
  others: readonly Alias[];
  models: readonly Model[];
  busy: boolean;
  /** What the program objected to. */
  error: string | undefined;
  onSave: (alias: Alias) => void;
  onClose: () => void;
}

/** A name, and the models that it stands for, in their order. */
export function AliasDialog({ alias, others, models, busy, error, onSave, onClose }: AliasDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(alias?.name ?? "");
  const [chosen, setChosen] = useState<readonly string[]>(alias?.models ?? []);
  // Nothing is wrong with what nobody wanted to save yet.
  const [tried, setTried] = useState(false);
  const draft = { name: name.trim(), models: [...chosen] };
  const problem = problemOf(draft, others, models);
  const shown = tried ? problem : undefined;
  const known = new Set([...models.map(({ id }) => id), ...others.map((other) => other.name)]);

  const save = () => {
    setTried(true);
    if (!problem) onSave(draft);
  };
  return (
    <Dialog
      opened
      title={alias ? t("models.alias.edit", { name: alias.name }) : t("models.alias.add")}
      closeLabel={t("common.close")}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <DialogBody>
          {error && (
            <Notice tone="bad" title={t("models.alias.failed")}>
              {error}
            </Notice>
          )}
          <TextInput
            data-autofocus
            label={t("models.alias.name")}
            description={t("models.alias.nameHint")}
            placeholder="gpt-4o"
            spellCheck={false}
            maxLength={256}
            value={name}
            error={shown?.field === "name" && t(`models.alias.problem.${shown.why}`)}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          <Input.Wrapper
            label={t("models.alias.models")}
            description={t("models.alias.modelsHint")}
            error={shown?.field === "models" && t(`models.alias.problem.${shown.why}`)}
            inputWrapperOrder={["label", "description", "input", "error"]}
            labelElement="div"
          >
            <OrderedModels models={chosen} known={known} onChange={setChosen} />
            <AddModel
              names={[...known].filter((one) => !chosen.includes(one) && one !== draft.name)}
              onAdd={(model) => {
                if (!chosen.includes(model)) setChosen([...chosen, model]);
              }}
            />
          </Input.Wrapper>
          <DialogFoot>
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" variant="filled" loading={busy}>
              {t("models.alias.save")}
            </Button>
          </DialogFoot>
        </DialogBody>
      </form>
    </Dialog>
  );
}
