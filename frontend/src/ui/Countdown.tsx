import { useSecond } from "./clock";

interface CountdownProps {
  /** The moment that it counts down to. */
  to: string;
  format: (ms: number) => string;
}

/** How long it is to a moment, live. A screen reader is told the moment elsewhere, not each second. */
export function Countdown({ to, format }: CountdownProps) {
  const now = useSecond();
  return <span className="numeric">{format(new Date(to).getTime() - now)}</span>;
}
