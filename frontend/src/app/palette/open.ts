const wanted = new EventTarget();

/** Opens the palette from anywhere. */
export function openPalette(): void {
  wanted.dispatchEvent(new Event("open"));
}

/** Calls back when somebody wants the palette; answers how to stop. */
export function onOpenPalette(open: () => void): () => void {
  wanted.addEventListener("open", open);
  return () => {
    wanted.removeEventListener("open", open);
  };
}
