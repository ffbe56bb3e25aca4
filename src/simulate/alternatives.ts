import type { Text } from "./text.ts";

const MOST_ALTERNATIVES = 64;

/** Everything that a text can be, when that is known: of a text without holes, itself. Undefined where a hole can be anything, or there is too much. */
export function alternativesOf(text: Text): readonly string[] | undefined {
  let whole = [""];
  for (const part of text.parts) {
    const choices = typeof part === "string" ? [part] : part.choices;
    if (choices === undefined || whole.length * choices.length > MOST_ALTERNATIVES) return undefined;
    whole = whole.flatMap((start) => choices.map((choice) => start + choice));
  }
  return whole;
}

/** True or false where every alternative answers so, undefined where they differ or the text can be anything. */
export function judged(text: Text, judge: (whole: string) => boolean | undefined): boolean | undefined {
  const [first, ...others] = (alternativesOf(text) ?? []).map(judge);
  return others.every((other) => other === first) ? first : undefined;
}

/** What the holes of texts hang on. */
export const atomsOf = (texts: readonly Text[]): readonly string[] => [
  ...new Set(texts.flatMap(({ parts }) => parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms)))),
];
