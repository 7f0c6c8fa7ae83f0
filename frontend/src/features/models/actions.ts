/** What can be done with a model where it stands. */
export type ModelAction = "open" | "favourite" | "hide" | "test" | "copy";
