// The columns of the table: a narrow window has fewer.

export interface Column {
  id: "favourite" | "name" | "can" | "context" | "output" | "accounts" | "test" | "actions";
  /** As a grid track. */
  width: string;
  numeric?: true;
  /** The width of the table from which it is shown. */
  from?: number;
}

const columns: readonly Column[] = [
  { id: "favourite", width: "28px" },
  { id: "name", width: "minmax(140px, 3fr)" },
  { id: "can", width: "100px" },
  { id: "context", width: "64px", numeric: true },
  { id: "output", width: "64px", numeric: true, from: 800 },
  { id: "accounts", width: "minmax(96px, 1.4fr)" },
  { id: "test", width: "92px" },
  { id: "actions", width: "88px" },
];

export function columnsFor(width: number): readonly Column[] {
  return columns.filter(({ from = 0 }) => width >= from);
}
