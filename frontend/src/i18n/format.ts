// Numbers and times as a person reads them, in the language of the pages.
import { useTranslation } from "react-i18next";

const unknown = "–";

/** Formatters of one language. An undefined number is shown as a dash. */
export interface Format {
  count: (value: number | undefined) => string;
  compact: (value: number | undefined) => string;
  percent: (share: number | undefined) => string;
  duration: (ms: number | undefined) => string;
  bytes: (value: number | undefined) => string;
  clock: (iso: string) => string;
  moment: (iso: string) => string;
  /** A time that is to come: the hour when it is near, else the day. */
  due: (iso: string, now?: number) => string;
  /** A time that was: the hour when it is near, else the day. */
  past: (iso: string, now?: number) => string;
}

const nearMs = 20 * 3600 * 1000;

/** A duration with about three significant digits: 0.42 ms, 830 ms, 4.21 s, 3m 07s. */
export function duration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return unknown;
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(seconds / 3600)}h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")}m`;
}

/** What is left of a wait, to the second: 04:12, 5:12:08, and 3d 04h when it is days. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  if (hours >= 24) return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
  const clock = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

/** A size in binary steps: 812 B, 3.4 KB, 12 MB. */
export function bytes(value: number | undefined): string {
  if (value === undefined) return unknown;
  if (value < 1024) return `${value} B`;
  const units = ["KB", "MB", "GB"];
  let size = value / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[unit] ?? ""}`;
}

function createFormat(language: string): Format {
  const count = new Intl.NumberFormat(language);
  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
  const moment = new Intl.DateTimeFormat(language, {
    dateStyle: "medium",
    timeStyle: "medium",
    hourCycle: "h23",
  });
  const hour = new Intl.DateTimeFormat(language, { timeStyle: "short", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, {
    month: "short",
    day: "numeric",
  });
  return {
    count: (value) => (value === undefined ? unknown : count.format(value)),
    compact: (value) =>
      value === undefined ? unknown : (Math.abs(value) < 10_000 ? count : compact).format(value),
    percent: (share) => (share === undefined ? unknown : percent.format(share)),
    duration,
    bytes,
    clock: (iso) => clock.format(new Date(iso)),
    moment: (iso) => moment.format(new Date(iso)),
    past: (iso, now = Date.now()) => {
      const time = new Date(iso);
      return (now - time.getTime() < nearMs ? hour : day).format(time);
    },
    due: (iso, now = Date.now()) => {
      const time = new Date(iso);
      return (time.getTime() - now < nearMs ? hour : day).format(time);
    },
  };
}

// Building Intl objects is slow enough to show in a table of thousands of rows.
const formats = new Map<string, Format>();

/** The formatters of a language. */
export function formatFor(language: string): Format {
  let format = formats.get(language);
  if (!format) {
    format = createFormat(language);
    formats.set(language, format);
  }
  return format;
}

/** The formatters of the pages' language. */
export function useFormat(): Format {
  return formatFor(useTranslation().i18n.language);
}
