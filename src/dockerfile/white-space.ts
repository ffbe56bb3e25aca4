// Go's unicode.IsSpace: unlike JavaScript's \s it takes U+0085 in and leaves U+FEFF out.
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** White space as Go's `unicode.IsSpace` has it, which is what BuildKit trims and splits by. */
export const isSpace = (character: string): boolean => SPACE.test(character);

/** ASCII white space only: what BuildKit sees where it goes through a line byte by byte. */
export const isAsciiSpace = (character: string): boolean => /[\t-\r ]/.test(character);

/** The part of `text` between `start` and `end` that is left without white space at both ends. */
export function trimmedRange(text: string, start = 0, end = text.length): { readonly start: number; readonly end: number } {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charAt(from))) from++;
  while (to > from && isSpace(text.charAt(to - 1))) to--;
  return { start: from, end: to };
}

export function trimSpace(text: string): string {
  const { start, end } = trimmedRange(text);
  return text.slice(start, end);
}
