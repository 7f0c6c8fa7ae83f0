const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The key of the program's own commands, as it is written on this keyboard. */
export const modifier = isMac ? "⌘" : "Ctrl";
