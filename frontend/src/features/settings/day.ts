// Days as a date field has them, in the time of the person at it.

/** The day of a moment, as 2030-01-31; "" for none. */
export function toDay(iso: string): string {
  if (iso === "") return "";
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Says whether a text is a day that there is. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && toDay(`${text}T12:00:00`) === text;
}

/** The last second of a day. */
export function endOfDay(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}
