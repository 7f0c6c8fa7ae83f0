import {
  closestCenter,
  DndContext,
  DragOverlay,
  MeasuringStrategy,
  PointerSensor,
  useDndContext,
  useDroppable,
  useSensor,
  useSensors,
  type CollisionDetection,
} from "@dnd-kit/core";
import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import { maskName } from "@/api/identity";
import type { Account } from "@/api/types";
import classes from "./Reorder.module.css";
import { isMovable } from "./order";

/** A press that moves no further is a click. */
const dragDistance = 4;
const measuring = { droppable: { strategy: MeasuringStrategy.Always } };
// The page announces moves itself, for those with the keys as well.
const silent = {
  announcements: {
    onDragStart: () => undefined,
    onDragOver: () => undefined,
    onDragEnd: () => undefined,
    onDragCancel: () => undefined,
  },
  screenReaderInstructions: { draggable: "" },
};

interface ReorderProps {
  accounts: readonly Account[];
  onMove: (id: number, over: number) => void;
  children: ReactNode;
}

/** Lets accounts be dragged to another place among those of their provider. */
export function Reorder({ accounts, onMove, children }: ReorderProps) {
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: dragDistance } }));
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const amongItsOwn: CollisionDetection = (about) => {
    const provider = byId.get(Number(about.active.id))?.provider;
    const places = about.droppableContainers.filter(({ id }) => byId.get(Number(id))?.provider === provider);
    return closestCenter({ ...about, droppableContainers: places });
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={amongItsOwn}
      measuring={measuring}
      accessibility={silent}
      onDragEnd={({ active, over }) => {
        if (over) onMove(Number(active.id), Number(over.id));
      }}
    >
      {children}
      {createPortal(
        <DragOverlay dropAnimation={null}>
          <Dragged byId={byId} />
        </DragOverlay>,
        document.body,
      )}
    </DndContext>
  );
}

/** What follows the pointer: the name, for the card itself stays where it is. */
function Dragged({ byId }: { byId: ReadonlyMap<number, Account> }) {
  const { active } = useDndContext();
  const account = active && byId.get(Number(active.id));
  return account ? <div className={classes.dragged}>{maskName(account.name)}</div> : null;
}

/** The place of a card: a line shows where the one that is dragged would go. */
export function Place({ account, children }: { account: Account; children: ReactNode }) {
  const { setNodeRef, isOver, active, rect } = useDroppable({
    id: account.id,
    disabled: !isMovable(account),
  });
  const taken = active?.id === account.id;
  const from = active?.rect.current.initial?.top ?? 0;
  const side = (rect.current?.top ?? 0) > from ? "below" : "above";
  return (
    <div
      ref={setNodeRef}
      className={classes.place}
      data-taken={taken || undefined}
      data-line={isOver && !taken ? side : undefined}
    >
      {children}
    </div>
  );
}
