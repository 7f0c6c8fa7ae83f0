import { Suspense, useCallback, useEffect, useState } from "react";
import { ConfirmStop } from "../ConfirmStop";
import { Palette, Shortcuts } from "../parts";
import { useListenerToggle } from "../useListenerToggle";
import { isTyping } from "../useSlashKey";
import { onOpenPalette } from "./open";

type Overlay = "palette" | "shortcuts";

function overlayFor(event: KeyboardEvent): Overlay | undefined {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k")
    return "palette";
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
  return plain && event.key === "?" ? "shortcuts" : undefined;
}

/** The palette, by Ctrl or Cmd and K, and the list of keys, by "?". Neither is loaded before it is wanted. */
export function PaletteSlot() {
  const [overlay, setOverlay] = useState<Overlay>();
  const toggle = useListenerToggle();
  const close = useCallback(() => {
    setOverlay(undefined);
  }, []);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      const wanted = overlayFor(event);
      if (!wanted || event.defaultPrevented) return;
      event.preventDefault();
      setOverlay((shown) => (shown === wanted ? undefined : wanted));
    };
    document.addEventListener("keydown", open);
    const forget = onOpenPalette(() => {
      setOverlay("palette");
    });
    return () => {
      forget();
      document.removeEventListener("keydown", open);
    };
  }, []);
  return (
    <>
      <Suspense>
        {overlay === "palette" && (
          <Palette
            onClose={close}
            onShortcuts={() => {
              setOverlay("shortcuts");
            }}
            toggleListener={toggle.toggle}
          />
        )}
        {overlay === "shortcuts" && <Shortcuts onClose={close} />}
      </Suspense>
      <ConfirmStop toggle={toggle} />
    </>
  );
}
