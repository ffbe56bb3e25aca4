import { flagOf, isKnown, list, numberOf, textOf, unknown, type Value } from "../value.ts";

/** A function cannot work on its arguments. */
export class Mistake {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** A standard function. `source` is the call as written, for what becomes unknown. */
export type BakeFunction = (given: readonly Value[], source: string) => Value | Mistake;

/** Of known arguments; unknown when one of them is not wholly known. */
export const ofKnown =
  (work: (given: readonly Value[]) => Value | Mistake, least: number, most = least): BakeFunction =>
  (given, source) => {
    if (given.length < least || given.length > most) return wrongCount(least, most, given.length);
    return given.every(isKnown) ? work(given) : unknown(source);
  };

/** Of texts (or what can be one). */
export const ofTexts = (work: (...given: readonly string[]) => Value | Mistake, least: number, most = least): BakeFunction =>
  ofKnown(
    (given) => {
      const texts = given.map((value) => textOf(value));
      return texts.includes(undefined) ? new Mistake("wants texts") : work(...(texts as string[]));
    },
    least,
    most,
  );

/** Of numbers (or what can be one). */
export const ofNumbers = (work: (...given: readonly number[]) => Value | Mistake, least: number, most = least): BakeFunction =>
  ofKnown(
    (given) => {
      const numbers = given.map(numberOf);
      return numbers.includes(undefined) ? new Mistake("wants numbers") : work(...(numbers as number[]));
    },
    least,
    most,
  );

/** Of switches (or what can be one). */
export const ofFlags = (work: (...given: readonly boolean[]) => Value | Mistake, least: number, most = least): BakeFunction =>
  ofKnown(
    (given) => {
      const flags = given.map(flagOf);
      return flags.includes(undefined) ? new Mistake("wants true or false") : work(...(flags as boolean[]));
    },
    least,
    most,
  );

export function wrongCount(least: number, most: number, got: number): Mistake {
  const wanted = least === most ? String(least) : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  return new Mistake(`wants ${wanted} argument${wanted === "1" ? "" : "s"}, and there ${got === 1 ? "is" : "are"} ${got}`);
}

/** The items of a list; undefined when it is none. */
export const itemsOf = (value: Value | undefined): readonly Value[] | undefined => (value?.kind === "list" ? value.items : undefined);

export const listOfTexts = (texts: readonly string[]): Value => list(texts.map((known) => ({ kind: "text", parts: known === "" ? [] : [known] }) as const));

/** Items as known texts; undefined when one is none. */
export function textsOf(value: Value | undefined): string[] | undefined {
  const texts = itemsOf(value)?.map(textOf);
  return texts?.includes(undefined) ? undefined : (texts as string[] | undefined);
}
