/** Text of others (files, images, registries) on a terminal: nothing of it may move the cursor, change colours, turn words round or pass for lines of ours. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, escaped);

/** The same, where the text has lines of its own. */
export const cleanLines = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, escaped);

const escaped = (c: string): string => {
  const hex = c.charCodeAt(0).toString(16);
  return hex.length > 2 ? `\\u${hex}` : `\\x${hex.padStart(2, "0")}`;
};
