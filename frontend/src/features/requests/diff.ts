// What differs between two texts, line by line.

/** One line of a difference; a gap stands for lines that both have. */
export interface DiffLine {
  kind: "same" | "new" | "gone" | "gap";
  text: string;
}

/** How many equal lines are left on each side of a change. */
const context = 3;

/** Beyond so many pairs of lines the middle is shown as replaced: finding more would take too long. */
const mostPairs = 4_000_000;

/** The lines of both texts in order; long runs that are equal are one gap. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (lines: string[]) => lines.map((text): DiffLine => ({ kind: "same", text }));
  return folded([
    ...same(a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ]);
}

/** The longest common subsequence, by the table of lengths from the end. */
function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const gone = (text: string): DiffLine => ({ kind: "gone", text });
  const added = (text: string): DiffLine => ({ kind: "new", text });
  if (a.length * b.length > mostPairs) return [...a.map(gone), ...b.map(added)];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const length = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x !== undefined && x === y) {
      lines.push({ kind: "same", text: x });
      i++;
      j++;
    } else if (x !== undefined && (y === undefined || length(i + 1, j) >= length(i, j + 1))) {
      lines.push(gone(x));
      i++;
    } else if (y !== undefined) {
      lines.push(added(y));
      j++;
    }
  }
  return lines;
}

function folded(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  lines.forEach(({ kind }, at) => {
    if (kind === "same") return;
    for (let n = at - context; n <= at + context; n++) near.add(n);
  });
  const out: DiffLine[] = [];
  lines.forEach((line, at) => {
    if (near.has(at)) out.push(line);
    else if (out.at(-1)?.kind !== "gap") out.push({ kind: "gap", text: "" });
  });
  return out;
}
