import { useEffect, useState } from "react";

interface TickingProps {
  /** The duration at the moment `at` of performance.now. */
  ms: number;
  at: number;
  format: (ms: number) => string;
}

/** A duration that counts up by itself. */
export function Ticking({ ms, at, format }: TickingProps) {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(performance.now());
    }, 100);
    return () => {
      window.clearInterval(timer);
    };
  }, []);
  return <>{format(ms + Math.max(0, now - at))}</>;
}
