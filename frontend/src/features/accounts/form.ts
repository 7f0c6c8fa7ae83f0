import { ApiError } from "@/api/client";

/** Splits what the program objects to into messages at fields and one for the whole form. */
export function formErrors(error: Error | null, own: readonly string[]) {
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  if (error instanceof ApiError) {
    for (const [name, message] of Object.entries(error.fields)) {
      const key = name.replace(/^settings\./, "");
      if (own.includes(key)) fields[key] = message;
      else rest.push(message);
    }
  }
  const placed = Object.keys(fields).length > 0;
  return { fields, whole: rest[0] ?? (placed ? undefined : error?.message) };
}
