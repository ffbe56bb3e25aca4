import { type Piece, splitQuoted, wordOf } from "./arguments.ts";
import type { ArgInstruction, EnvInstruction, KeyValue, LabelInstruction, Word } from "./ast.ts";
import { readFlags } from "./flags.ts";
import type { InstructionLine } from "./instruction-line.ts";
import { argumentsSpan, baseOf, type ReadContext } from "./read-context.ts";

/** ENV and LABEL: `key=value …`, or the old `key value to the end of the line`. */
export function readPairs(keyword: "ENV" | "LABEL", parts: InstructionLine, context: ReadContext): EnvInstruction | LabelInstruction | undefined {
  const { complaints, syntax } = context;
  readFlags(keyword, parts.flags, {}, complaints);
  const pieces = splitQuoted(parts.line, parts.start, parts.end, context.escape);
  const [first] = pieces;
  if (first === undefined) {
    complaints.error(parts.keywordSpan, `${keyword} needs at least one argument`, `write ${keyword} NAME=VALUE`);
    return undefined;
  }
  const pairs: KeyValue[] = [];
  if (!first.text.includes("=")) {
    const pair = oldPair(parts);
    if (pair === undefined) {
      syntax.error(
        argumentsSpan(parts),
        `${keyword} has a name but no value`,
        `write ${keyword} ${first.text}=VALUE; an empty value is ${keyword} ${first.text}=`,
      );
      return undefined;
    }
    complaints.note(
      argumentsSpan(parts),
      `this is the old form of ${keyword}, in which everything behind the name is the value`,
      `write ${keyword} ${pair.key.text}=…`,
    );
    pairs.push(pair);
  }
  for (const piece of pairs.length === 0 ? pieces : []) {
    const cut = piece.text.indexOf("=");
    if (cut === -1) {
      syntax.error(parts.line.spanOf(piece.start, piece.end), `"${piece.text}" is not of the form name=value`, "put a value with spaces in quotes");
      continue;
    }
    const pair = { key: wordOf(parts.line, part(piece, 0, cut)), value: wordOf(parts.line, part(piece, cut + 1)), spaced: false };
    if (pair.key.text === "")
      complaints.error(parts.line.spanOf(piece.start, piece.end), `${keyword} has an empty name in "${piece.text}"`, "write the name before the equals sign");
    else pairs.push(pair);
  }
  return { kind: keyword === "ENV" ? "env" : "label", ...baseOf(parts, context), pairs };
}

function oldPair({ line, start, end }: InstructionLine): KeyValue | undefined {
  const space = /[\t\v\f\r ]+/.exec(line.text.slice(start, end));
  if (space === null) return undefined;
  const keyEnd = start + space.index;
  const valueStart = keyEnd + space[0].length;
  return {
    key: { text: line.text.slice(start, keyEnd), span: line.spanOf(start, keyEnd) },
    value: { text: line.text.slice(valueStart, end), span: line.spanOf(valueStart, end) },
    spaced: true,
  };
}

/** ARG: names, with or without a default. */
export function readArg(parts: InstructionLine, context: ReadContext): ArgInstruction | undefined {
  const { complaints } = context;
  for (const flag of parts.flags) complaints.warning(flag.span, `ARG has no flags: "--${flag.name}" is not heeded`, "remove it");
  const pieces = splitQuoted(parts.line, parts.start, parts.end, context.escape);
  if (pieces.length === 0) {
    complaints.error(parts.keywordSpan, "ARG needs at least one argument", "write ARG NAME or ARG NAME=DEFAULT");
    return undefined;
  }
  const args: { name: Word; value?: Word }[] = [];
  for (const piece of pieces) {
    const cut = piece.text.indexOf("=");
    if (cut === 0)
      complaints.error(parts.line.spanOf(piece.start, piece.end), `ARG has an empty name in "${piece.text}"`, "write the name before the equals sign");
    else if (cut === -1) args.push({ name: wordOf(parts.line, piece) });
    else args.push({ name: wordOf(parts.line, part(piece, 0, cut)), value: wordOf(parts.line, part(piece, cut + 1)) });
  }
  return { kind: "arg", ...baseOf(parts, context), args };
}

/** A part of a piece whose text is what stands in the line. */
function part(piece: Piece, from: number, to: number = piece.text.length): Piece {
  return { text: piece.text.slice(from, to), start: piece.start + from, end: piece.start + to };
}
