/** Something that runs at most once in a stretch of time, and once more at its end when asked within. */
export interface Throttled {
  run: () => void;
  stop: () => void;
}

export function throttle(action: () => void, pauseMs: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const open = () => {
    timer = undefined;
    if (again) run();
  };
  const run = () => {
    again = timer !== undefined;
    if (again) return;
    timer = setTimeout(open, pauseMs);
    action();
  };
  return {
    run,
    stop: () => {
      clearTimeout(timer);
    },
  };
}
