/** Text of others (files, images, registries) on a terminal: nothing of it may move the cursor, change colours or pass for lines of ours. */
export const clean = (text: string): string => text.replace(/\p{Cc}/gu, escaped);

/** The same, where the text has lines of its own. */
export const cleanLines = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, escaped);

const escaped = (c: string): string => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
