/** Longest text of another program that is shown. */
const SHOWN_CHARS = 400;

/** A text of another program as it may be shown: one line, not endless, without what stands before the `@` of an address and behind a colon. */
export function secretFree(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  const shown = line.replace(/(\/\/[^/@:\s]*):[^/@\s]*@/g, "$1:…@");
  return shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}…` : shown;
}
