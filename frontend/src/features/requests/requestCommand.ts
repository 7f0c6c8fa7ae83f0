/** What a curl line of a kept request is made of. */
interface RequestParts {
  /** With /v1 at its end, as clients are told. */
  baseUrl: string;
  path: string;
  body: string;
}

// In single quotes only ' itself ends the string.
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A command for any POSIX shell that sends the request again; the key is for whoever runs it to put in. */
export function requestCommand({ baseUrl, path, body }: RequestParts): string {
  const root = baseUrl.replace(/\/v1$/, "");
  return [
    `curl -N ${quoted(root + path)}`,
    `-H "Content-Type: application/json"`,
    `-H "Authorization: Bearer $OPENAI_API_KEY"`,
    `-d ${quoted(body)}`,
  ].join(" \\\n  ");
}
