import { Button } from "@mantine/core";
import classes from "./Undo.module.css";

interface UndoProps {
  message: string;
  undo: string;
  onUndo: () => void;
}

/** What was done, and the button that takes it back: the content of a notification. */
export function Undo({ message, undo, onUndo }: UndoProps) {
  return (
    <div className={classes.undo}>
      <span>{message}</span>
      <Button size="compact-sm" onClick={onUndo}>
        {undo}
      </Button>
    </div>
  );
}
