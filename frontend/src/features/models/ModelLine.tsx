import { ActionIcon } from "@mantine/core";
import {
  IconChevronDown,
  IconChevronRight,
  IconCopy,
  IconEye,
  IconEyeOff,
  IconPlayerPlay,
  IconStar,
  IconStarFilled,
} from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Account, Model } from "@/api/types";
import { useFormat } from "@/i18n/format";
import type { ModelAction } from "./actions";
import { Capabilities } from "./Capabilities";
import type { Column } from "./columns";
import classes from "./ModelTable.module.css";
import { Servers } from "./Servers";
import { TrialChip } from "./TrialChip";
import type { TrialState } from "./trials";

interface Place {
  index: number;
  top: number;
  active: boolean;
}

function rowProps({ index, top, active }: Place) {
  return {
    role: "row",
    id: `model-${index}`,
    "aria-rowindex": index + 2,
    "aria-selected": active,
    className: classes.row ?? "",
    style: { transform: `translateY(${top}px)` },
  } as const;
}

interface FoldLineProps extends Place {
  count: number;
  open: boolean;
  columns: number;
  onFold: () => void;
}

/** Where the hidden models begin. */
export function FoldLine({ count, open, columns, onFold, ...place }: FoldLineProps) {
  const { t } = useTranslation();
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <div {...rowProps(place)} data-fold onClick={onFold}>
      <div role="gridcell" aria-colspan={columns} aria-expanded={open} className={classes.fold}>
        <Icon size={14} aria-hidden />
        {t("models.hidden", { count })}
        <span className={classes.dim}>{t("models.hiddenHint")}</span>
      </div>
    </div>
  );
}

interface ModelLineProps extends Place {
  model: Model;
  accounts: ReadonlyMap<number, Account>;
  now: number;
  trial: TrialState | undefined;
  visible: readonly Column[];
  onAct: (action: ModelAction, model: Model) => void;
}

/** One model: a click opens what is known of it. */
export const ModelLine = memo(function ModelLine(props: ModelLineProps) {
  const { model, visible, onAct } = props;
  return (
    <div
      {...rowProps(props)}
      data-hidden={model.hidden || undefined}
      onClick={() => {
        onAct("open", model);
      }}
    >
      {visible.map(({ id, numeric }) => (
        <div key={id} role="gridcell" className={classes.cell} data-numeric={numeric}>
          <Cell {...props} id={id} />
        </div>
      ))}
    </div>
  );
});

function Cell({ id, model, accounts, now, trial, onAct }: ModelLineProps & Pick<Column, "id">): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  switch (id) {
    case "favourite":
      return (
        <RowButton
          label={t(model.favourite ? "models.action.unfavourite" : "models.action.favourite")}
          on={model.favourite}
          icon={model.favourite ? <IconStarFilled size={14} /> : <IconStar size={14} />}
          onClick={() => {
            onAct("favourite", model);
          }}
        />
      );
    case "name":
      return <Name model={model} />;
    case "can":
      return <Capabilities can={model.can} />;
    case "context":
      return format.compact(model.contextTokens || undefined);
    case "output":
      return format.compact(model.outputTokens || undefined);
    case "accounts":
      return <Servers model={model} accounts={accounts} now={now} />;
    case "test":
      return trial && <TrialChip trial={trial} />;
    case "actions":
      return <Actions model={model} running={trial === "running"} onAct={onAct} />;
  }
}

function Name({ model: { id, prefix, title } }: { model: Model }) {
  return (
    <span className={classes.name} title={title ? `${id}\n${title}` : id}>
      {prefix !== "" && <span className={classes.dim}>{prefix}/</span>}
      {prefix === "" ? id : id.slice(prefix.length + 1)}
    </span>
  );
}

interface ActionsProps {
  model: Model;
  running: boolean;
  onAct: (action: ModelAction, model: Model) => void;
}

function Actions({ model, running, onAct }: ActionsProps) {
  const { t } = useTranslation();
  const act = (action: ModelAction) => () => {
    onAct(action, model);
  };
  return (
    <span className={classes.actions}>
      <RowButton label={t("models.action.copy")} icon={<IconCopy size={14} />} onClick={act("copy")} />
      <RowButton
        label={t("models.action.testCosts")}
        icon={<IconPlayerPlay size={14} />}
        disabled={running}
        onClick={act("test")}
      />
      <RowButton
        label={t(model.hidden ? "models.action.show" : "models.action.hide")}
        icon={model.hidden ? <IconEye size={14} /> : <IconEyeOff size={14} />}
        onClick={act("hide")}
      />
    </span>
  );
}

interface RowButtonProps {
  label: string;
  icon: ReactNode;
  on?: boolean;
  disabled?: boolean;
  onClick: () => void;
}

/** A button in a line. With the keys the table does the same, so it is no stop of its own. */
function RowButton({ label, icon, on = false, disabled = false, onClick }: RowButtonProps) {
  return (
    <ActionIcon
      size={24}
      tabIndex={-1}
      aria-label={label}
      title={label}
      disabled={disabled}
      data-on={on || undefined}
      className={classes.button ?? ""}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      {icon}
    </ActionIcon>
  );
}
