import { ActionIcon } from "@mantine/core";
import {
  closestCenter,
  DndContext,
  PointerSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { IconGripVertical, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { movedTo } from "./aliases";
import classes from "./OrderedModels.module.css";

/** A press that moves no further is a click. */
const dragDistance = 4;
// Moves are announced here, for those with the keys as well.
const silent = {
  announcements: {
    onDragStart: () => undefined,
    onDragOver: () => undefined,
    onDragEnd: () => undefined,
    onDragCancel: () => undefined,
  },
  screenReaderInstructions: { draggable: "" },
};

interface OrderedModelsProps {
  models: readonly string[];
  /** The names that somebody answers now. */
  known: ReadonlySet<string>;
  onChange: (models: readonly string[]) => void;
}

/** Models in the order in which they are tried: dragged, or moved with the arrow keys. */
export function OrderedModels({ models, known, onChange }: OrderedModelsProps) {
  const { t } = useTranslation();
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: dragDistance } }));
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  // What was moved with the keys keeps the focus.
  const moved = useRef<number>(undefined);
  useEffect(() => {
    if (moved.current === undefined) return;
    list.current?.querySelectorAll<HTMLElement>("[data-grip]")[moved.current]?.focus();
    moved.current = undefined;
  }, [models]);

  const move = (from: number, to: number) => {
    const next = movedTo(models, from, to);
    if (next === models) return false;
    onChange(next);
    setSaid(t("models.alias.moved", { name: models[from], place: to + 1, total: models.length }));
    return true;
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      accessibility={silent}
      onDragEnd={({ active, over }) => {
        if (over) move(models.indexOf(String(active.id)), models.indexOf(String(over.id)));
      }}
    >
      <ol ref={list} className={classes.list} aria-label={t("models.alias.models")}>
        {models.map((model, index) => (
          <OrderedModel
            key={model}
            model={model}
            position={index + 1}
            unknown={!known.has(model)}
            onStep={(step) => {
              if (move(index, index + step)) moved.current = index + step;
            }}
            onRemove={() => {
              onChange(models.toSpliced(index, 1));
            }}
          />
        ))}
      </ol>
      <div className="said" aria-live="assertive">
        {said}
      </div>
    </DndContext>
  );
}

interface OrderedModelProps {
  model: string;
  position: number;
  unknown: boolean;
  onStep: (step: -1 | 1) => void;
  onRemove: () => void;
}

function OrderedModel({ model, position, unknown, onStep, onRemove }: OrderedModelProps) {
  const { t } = useTranslation();
  const { setNodeRef: grip, listeners, transform, isDragging } = useDraggable({ id: model });
  const { setNodeRef: place, isOver, active, rect } = useDroppable({ id: model });
  const from = active?.rect.current.initial?.top ?? 0;
  const side = from < (rect.current?.top ?? 0) ? "below" : "above";
  return (
    <li
      ref={place}
      className={classes.item}
      data-taken={isDragging || undefined}
      data-line={isOver && !isDragging ? side : undefined}
    >
      <div
        className={classes.row}
        style={transform ? { transform: `translateY(${transform.y}px)` } : undefined}
      >
        <button
          ref={grip}
          type="button"
          data-grip
          className={classes.grip}
          aria-label={t("models.alias.grip", { name: model })}
          aria-keyshortcuts="ArrowUp ArrowDown"
          title={t("models.alias.gripHint")}
          {...listeners}
          onKeyDown={(event) => {
            if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
            event.preventDefault();
            onStep(event.key === "ArrowUp" ? -1 : 1);
          }}
        >
          <IconGripVertical size={14} aria-hidden />
        </button>
        <span className={classes.place}>{position}</span>
        <span className={classes.model}>{model}</span>
        {unknown && <span className={classes.unknown}>{t("models.alias.isUnknown")}</span>}
        <ActionIcon size={24} aria-label={t("models.alias.takeOut", { name: model })} onClick={onRemove}>
          <IconX size={14} />
        </ActionIcon>
      </div>
    </li>
  );
}
