// One clock for everything that counts down: it ticks once a second, on the
// second, and only while something on the page follows it.
import { useEffect, useState, useSyncExternalStore } from "react";

const second = 1000;
/** Longer timers would fire at once. */
const longestTimer = 2 ** 31 - 1;

const followers = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let ticked = 0;

function wholeSecond(): number {
  return Math.floor(Date.now() / second) * second;
}

function tick(): void {
  ticked = wholeSecond();
  timer = setTimeout(tick, second - (Date.now() % second));
  for (const follow of followers) follow();
}

function subscribe(follow: () => void): () => void {
  followers.add(follow);
  if (timer === undefined) tick();
  return () => {
    followers.delete(follow);
    if (followers.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  };
}

function current(): number {
  return timer === undefined ? wholeSecond() : ticked;
}

/** The time to the second; whoever asks is drawn again with each tick, and nobody else. */
export function useSecond(): number {
  return useSyncExternalStore(subscribe, current);
}

/** The time, as of the last of these moments that has passed: drawn again at each of them. */
export function useNowAfter(moments: readonly number[]): number {
  const [now, setNow] = useState(() => Date.now());
  const next = Math.min(...moments.filter((moment) => moment > now));
  useEffect(() => {
    if (!Number.isFinite(next)) return undefined;
    const wait = Math.min(Math.max(0, next - Date.now()), longestTimer);
    const alarm = setTimeout(() => {
      setNow(Date.now());
    }, wait);
    return () => {
      clearTimeout(alarm);
    };
  }, [next, now]);
  return now;
}
