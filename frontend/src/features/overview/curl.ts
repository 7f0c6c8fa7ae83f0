/** What a curl line needs to know. */
interface CurlParts {
  baseUrl: string;
  /** "" leaves the header out. */
  key: string;
  model: string;
}

/** A command that streams an answer in any POSIX shell. */
export function curlCommand({ baseUrl, key, model }: CurlParts): string {
  const body = { model, stream: true, messages: [{ role: "user", content: "Say hello" }] };
  const lines = [`curl -N ${baseUrl}/chat/completions`, `-H "Content-Type: application/json"`];
  if (key) lines.push(`-H "Authorization: Bearer ${key}"`);
  // A model's name may hold any character; in single quotes only ' itself ends the string.
  lines.push(`-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`);
  return lines.join(" \\\n  ");
}
