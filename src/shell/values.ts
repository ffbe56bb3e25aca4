import type { Word } from "./script.ts";

/** A stretch of a value: known text, or what is only known when the script runs. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "unknown";
      /** As it stands in the script: `$TAG`, `${{ matrix.platform }}`, `$(git describe)`. */
      readonly source: string;
      readonly variable?: string | undefined;
      /** The workflow expression, without its braces. */
      readonly expression?: string | undefined;
      /** Everything it can be, when that is known: the rounds of a loop, the branches of an `if`. */
      readonly choices?: readonly string[] | undefined;
      /** Not quoted: it may be no word at all, or many. */
      readonly many: boolean;
    };

/** One argument, as far as it is known before the script runs. */
export interface Value {
  readonly pieces: readonly Piece[];
  /** The word of the script that it comes from; several values can come of one (`$FLAGS`, `"$@"`). */
  readonly word: Word;
}

/** The whole text, or undefined when a piece of it is unknown. */
export function textOf({ pieces }: Pick<Value, "pieces">): string | undefined {
  let text = "";
  for (const piece of pieces) {
    if (piece.kind === "unknown") return undefined;
    text += piece.text;
  }
  return text;
}

/** Whether the value may in truth be several words, or none. */
export const mayBeMany = ({ pieces }: Pick<Value, "pieces">): boolean => pieces.some((piece) => piece.kind === "unknown" && piece.many);

/** The part of a value behind its first `length` characters, which must be known text. */
export function valueAfter(value: Value, length: number): Value {
  const pieces: Piece[] = [];
  let left = length;
  for (const piece of value.pieces) {
    if (left === 0 || piece.kind === "unknown") pieces.push(piece);
    else {
      if (piece.text.length > left) pieces.push({ kind: "text", text: piece.text.slice(left) });
      left = Math.max(0, left - piece.text.length);
    }
  }
  return { pieces, word: value.word };
}

/** The known text that a value begins with. */
export function knownStart({ pieces }: Pick<Value, "pieces">): string {
  let text = "";
  for (const piece of pieces) {
    if (piece.kind === "unknown") break;
    text += piece.text;
  }
  return text;
}

/** Parts at every occurrence of `separator` in known text; an unknown piece stays in the item where it stands. */
export function splitPieces(pieces: readonly Piece[], separator: string): Piece[][] {
  const items: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind === "unknown") {
      items.at(-1)?.push(piece);
      continue;
    }
    piece.text.split(separator).forEach((text, i) => {
      if (i > 0) items.push([]);
      if (text !== "") items.at(-1)?.push({ kind: "text", text });
    });
  }
  return items;
}
