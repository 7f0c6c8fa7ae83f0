import { Autocomplete, Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./OrderedModels.module.css";

interface AddModelProps {
  names: string[];
  onAdd: (model: string) => void;
}

/** Takes one more model, of the list or by a name that is not on it. */
export function AddModel({ names, onAdd }: AddModelProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const add = (model: string) => {
    if (model.trim() === "") return;
    onAdd(model.trim());
    setText("");
  };
  return (
    <div className={classes.add}>
      <Autocomplete
        className={classes.field ?? ""}
        aria-label={t("models.alias.addModel")}
        placeholder={t("models.alias.addModelHint")}
        data={names}
        limit={50}
        maxDropdownHeight={220}
        selectFirstOptionOnChange
        spellCheck={false}
        value={text}
        onChange={setText}
        onOptionSubmit={(model) => {
          // The field takes over what was chosen after this.
          window.setTimeout(() => {
            setText("");
          });
          add(model);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || text.trim() === "") return;
          // Enter is for this field, not for the form; a chosen option comes by itself.
          event.preventDefault();
          if (!names.some((name) => name.toLowerCase().includes(text.trim().toLowerCase()))) add(text);
        }}
      />
      <Button
        disabled={text.trim() === ""}
        onClick={() => {
          add(text);
        }}
      >
        {t("models.alias.addOne")}
      </Button>
    </div>
  );
}
