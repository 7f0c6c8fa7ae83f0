import type { Phrase } from "@/api/types";

type Id = NonNullable<Phrase["id"]>;

/** What a remark comes to; each has a sentence. */
export type Meaning =
  | "dropped"
  | "added"
  | "renamed"
  | "changed"
  | "described"
  | "reshaped"
  | "here"
  | "waited"
  | "replay"
  | "nobodyElse"
  | "notRenewed"
  | "client"
  | "other";

const meanings: Partial<Record<Id, Meaning>> = {
  dropped: "dropped",
  droppedKnown: "dropped",
  noThinking: "dropped",
  added: "added",
  addedName: "added",
  addedResult: "added",
  addedUsage: "added",
  addedUser: "added",
  set: "added",
  renamed: "renamed",
  replaced: "changed",
  replacedBy: "changed",
  readAs: "changed",
  readAsAuto: "changed",
  readAsEffort: "changed",
  writtenAs: "changed",
  lowered: "changed",
  inRange: "changed",
  narrowed: "changed",
  described: "described",
  completed: "reshaped",
  flattened: "reshaped",
  repaired: "reshaped",
  rewrote: "reshaped",
  toFunction: "reshaped",
  toEnd: "reshaped",
  toFront: "reshaped",
  toPieces: "reshaped",
  mergedSystem: "reshaped",
  systemAsUser: "reshaped",
  thoughtsRepeated: "reshaped",
  resolved: "here",
  keptHere: "here",
  estimated: "here",
  noCompletion: "here",
  waited: "waited",
  replay: "replay",
  nobodyElse: "nobodyElse",
  notRenewed: "notRenewed",
  noKeepAlives: "client",
};

/** Remarks that come to the same. */
export interface RemarkGroup {
  meaning: Meaning;
  remarks: Phrase[];
}

/** The remarks by what they come to, in the order of their first; those of unknown sense are last. */
export function groupRemarks(remarks: readonly Phrase[]): RemarkGroup[] {
  const groups = new Map<Meaning, Phrase[]>();
  for (const remark of remarks) {
    const meaning = (remark.id && meanings[remark.id]) ?? "other";
    groups.set(meaning, [...(groups.get(meaning) ?? []), remark]);
  }
  return [...groups]
    .map(([meaning, list]) => ({ meaning, remarks: list }))
    .sort((a, b) => Number(a.meaning === "other") - Number(b.meaning === "other"));
}
