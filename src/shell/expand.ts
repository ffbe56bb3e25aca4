import type { Part, Word } from "./script.ts";
import type { Piece, Value } from "./values.ts";
import type { Held } from "./variables.ts";

/** Trying every place to cut costs the square of a text's length; no reference, tag or path is longer. */
const LONGEST_MATCHED = 2048;

/** Where words are expanded: what stands in the script, and what its variables hold at this place. */
export interface Surroundings {
  readonly text: string;
  readonly variable: (name: string) => Held;
  /** Arguments of the function (`$1` is the first), or of the script, which has none. */
  readonly positional: readonly Value[];
  expression(text: string): string | undefined;
  /** What `$(…)` becomes, where that is known. */
  substitution(source: string): string | undefined;
}

/** The arguments that a word becomes: usually one; several for `"$@"` and for an unquoted variable that holds several; none for an empty unquoted one. */
export function expandWord(word: Word, surroundings: Surroundings): Value[] {
  const values: Value[] = [];
  let pieces: Piece[] = [];
  let started = word.parts.length === 0;
  const end = (): void => {
    if (started) values.push({ pieces: joined(pieces), word });
    pieces = [];
    started = false;
  };
  for (const part of word.parts) {
    const list = part.kind === "variable" && part.all && part.operator === undefined ? listOf(part.name, surroundings) : undefined;
    if (list !== undefined) {
      list.forEach((element, i) => {
        if (i > 0) end();
        pieces.push(...element.pieces);
        started = true;
      });
      continue;
    }
    for (const piece of expandPart(part, surroundings)) {
      if (piece.kind === "unknown" || part.quoted || part.kind === "text") {
        pieces.push(piece);
        started = true;
        continue;
      }
      // An expression is put in before the shell reads the script, so that its blanks part words too.
      const [first, ...others] = piece.text.split(/[ \t\n]+/);
      if (first !== undefined && first !== "") {
        pieces.push({ kind: "text", text: first });
        started = true;
      }
      for (const other of others) {
        end();
        if (other !== "") {
          pieces.push({ kind: "text", text: other });
          started = true;
        }
      }
    }
    started ||= part.quoted;
  }
  end();
  return values;
}

/** A word's pieces where the shell splits nothing: the value of an assignment, a here-document. */
export function expandWhole(word: Word, surroundings: Surroundings): Piece[] {
  return joined(word.parts.flatMap((part) => expandPart(part, surroundings).map((piece) => (piece.kind === "unknown" ? { ...piece, many: false } : piece))));
}

function listOf(name: string, { positional, variable }: Surroundings): readonly Value[] | undefined {
  if (name === "@" || name === "*") return positional;
  const held = variable(name);
  return held.kind === "array" ? held.elements : undefined;
}

function expandPart(part: Part, surroundings: Surroundings): readonly Piece[] {
  const source = surroundings.text.slice(part.span.start, part.span.end);
  const unknown = (more: { variable?: string; expression?: string; choices?: readonly string[] | undefined } = {}): Piece[] => [
    { kind: "unknown", source, many: !part.quoted && part.kind !== "unknown", ...more },
  ];
  switch (part.kind) {
    case "text":
      return [{ kind: "text", text: part.text }];
    case "expression": {
      const text = surroundings.expression(part.text);
      return text === undefined ? unknown({ expression: part.text }) : [{ kind: "text", text }];
    }
    case "substitution": {
      const text = surroundings.substitution(source);
      return text === undefined ? unknown() : [{ kind: "text", text }];
    }
    case "unknown":
      return unknown();
    case "variable": {
      const held = heldBy(part.name, surroundings);
      if (part.operator !== undefined) {
        const operand = part.operand.flatMap((one) => expandPart(one, surroundings));
        return operated(part.operator, held, operand) ?? unknown({ variable: part.name });
      }
      if (held.kind === "unset") return [];
      if (held.kind === "text") return held.pieces.map((piece) => (piece.kind === "unknown" ? { ...piece, many: !part.quoted } : piece));
      if (held.kind === "unknown") return unknown({ variable: part.name, choices: held.choices });
      const [first] = held.elements;
      return first === undefined || part.all ? unknown({ variable: part.name }) : first.pieces;
    }
  }
}

function heldBy(name: string, { positional, variable }: Surroundings): Held {
  if (/^[1-9][0-9]*$/.test(name)) {
    const value = positional[Number(name) - 1];
    return value === undefined ? { kind: "unset" } : { kind: "text", pieces: value.pieces };
  }
  return /^[A-Za-z_]/.test(name) ? variable(name) : { kind: "unknown", choices: undefined };
}

/** `${NAME operator operand}`, or undefined when it cannot be known. */
function operated(operator: string, held: Held, operand: readonly Piece[]): readonly Piece[] | undefined {
  if (held.kind === "unknown" || held.kind === "array") return undefined;
  const pieces = held.kind === "text" ? held.pieces : [];
  const text = pieces.every((piece) => piece.kind === "text") ? pieces.map((piece) => piece.text).join("") : undefined;
  const absent = held.kind === "unset" || (operator.startsWith(":") && text === "");
  if (operator.startsWith(":") && text === undefined) return undefined;
  switch (operator.replace(":", "")) {
    case "-":
    case "=":
      return absent ? operand : pieces;
    case "+":
      return absent ? [] : operand;
    case "?":
      return absent ? undefined : pieces;
  }
  if (text === undefined || operand.some((piece) => piece.kind === "unknown")) return undefined;
  const pattern = operand.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
  const changed = transformed(operator, text, pattern);
  return changed === undefined ? undefined : [{ kind: "text", text: changed }];
}

function transformed(operator: string, text: string, pattern: string): string | undefined {
  if (operator === ",,") return pattern === "" ? text.toLowerCase() : undefined;
  if (operator === "^^") return pattern === "" ? text.toUpperCase() : undefined;
  if (text.length > LONGEST_MATCHED || /[?[\]\\(]/.test(pattern)) return undefined;
  const ends = candidates(operator, text.length);
  if (ends === undefined) return undefined;
  for (const at of ends) {
    const [cut, kept] = operator.startsWith("#") ? [text.slice(0, at), text.slice(at)] : [text.slice(at), text.slice(0, at)];
    if (matchesStars(cut, pattern)) return kept;
  }
  return text;
}

/** Where to try to cut, in the order in which the operator wants it: the shortest cut first for `#` and `%`, the longest for `##` and `%%`. */
function candidates(operator: string, length: number): number[] | undefined {
  const rising = Array.from({ length: length + 1 }, (_, i) => i);
  if (operator === "#" || operator === "%%") return rising;
  if (operator === "##" || operator === "%") return rising.reverse();
  return undefined;
}

/** Whether a text fits a pattern whose only special character is `*`. */
export function matchesStars(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const middle of rest) {
    const found = text.indexOf(middle, at);
    if (found === -1) return false;
    at = found + middle.length;
  }
  return at <= text.length - last.length;
}

/** Variables that are made of each other grow without end: values beyond these are not known. */
const LONGEST_VALUE = 200_000;
const MOST_PIECES = 200;

function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  let length = 0;
  for (const piece of pieces) length += piece.kind === "text" ? piece.text.length : piece.source.length;
  if (length > LONGEST_VALUE || pieces.length > MOST_PIECES)
    return [{ kind: "unknown", source: "$…", many: pieces.some((piece) => piece.kind === "unknown" && piece.many) }];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (piece.kind === "text" && piece.text === "" && pieces.length > 1) continue;
    if (last?.kind === "text" && piece.kind === "text") all[all.length - 1] = { kind: "text", text: last.text + piece.text };
    else all.push(piece);
  }
  return all;
}
