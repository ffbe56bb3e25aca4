// What terminals draw two columns wide: East Asian scripts, full-width forms and emoji. Source: Unicode Standard Annex 11, by blocks, read 2026-11-22.
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NONE = /\p{M}|\p{Cf}/u;

const columnsOfOne = (character: string): number => (NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

/** Columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  let sum = 0;
  for (const character of text) sum += columnsOfOne(character);
  return sum;
}

/** One line of at most so many columns: control characters are blanks, what is too long ends in `…`. */
export function cut(text: string, columns: number): string {
  const printable = text.replace(/\p{Cc}/gu, " ");
  if (columnsOf(printable) <= columns) return printable;
  let taken = "";
  let room = columns - 1;
  for (const character of printable) {
    room -= columnsOfOne(character);
    if (room < 0) break;
    taken += character;
  }
  return columns > 0 ? `${taken}…` : "";
}

export const padTo = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - columnsOf(text)));
