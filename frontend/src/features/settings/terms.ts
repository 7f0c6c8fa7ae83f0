/** A text, and all that is under it. */
export interface Terms {
  names: string[];
  text: string;
}

/** Takes the file of licences apart: parts between lines of equals signs, each the names and then the text. */
export function termsIn(file: string): Terms[] {
  return file
    .split(/^={40,}\n/m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n\n");
      return { names: part.slice(0, end).split("\n"), text: part.slice(end).trim() };
    });
}
