import { type Piece, splitAtSpace, wordOf } from "./arguments.ts";
import type { FromInstruction, Word } from "./ast.ts";
import { readFlags } from "./flags.ts";
import type { InstructionLine } from "./instruction-line.ts";
import { argumentsSpan, baseOf, type ReadContext } from "./read-context.ts";

const STAGE_NAME = /^[a-z][a-z0-9\-_.]*$/;

/** FROM. Always gives an instruction, so that what follows has a stage to be in; without an image its image is empty. */
export function readFrom(parts: InstructionLine, context: ReadContext): FromInstruction {
  const { complaints } = context;
  const { line } = parts;
  const platform = readFlags("FROM", parts.flags, { platform: "text" }, complaints).text("platform");
  const pieces = splitAtSpace(line, parts.start, parts.end);
  const [image, as, name] = pieces;
  if (image === undefined) complaints.error(parts.keywordSpan, "FROM needs an image or a stage", "write FROM IMAGE, FROM IMAGE AS NAME, or FROM scratch");
  else if (pieces.length !== 1 && (pieces.length !== 3 || as?.text.toLowerCase() !== "as")) {
    complaints.error(argumentsSpan(parts), "FROM has one argument, or three: IMAGE AS NAME", hintFor(pieces));
  }
  const stage = pieces.length === 3 && as?.text.toLowerCase() === "as" ? stageName(wordOf(line, name as Piece), context) : undefined;
  return {
    kind: "from",
    ...baseOf(parts, context),
    image: image === undefined ? { text: "", span: { start: parts.keywordSpan.end, end: parts.keywordSpan.end } } : wordOf(line, image),
    ...(platform === undefined ? {} : { platform }),
    ...(stage === undefined ? {} : { as: stage }),
  };
}

function hintFor(pieces: readonly Piece[]): string | undefined {
  if (pieces.some(({ text }) => text.startsWith("#"))) return "a comment needs a line of its own";
  if (pieces.some(({ text }) => text.startsWith("--"))) return "flags come before the image";
  return pieces.length === 2 ? `did you mean FROM ${pieces[0]?.text} AS ${pieces[1]?.text}?` : undefined;
}

function stageName(word: Word, { complaints }: ReadContext): Word | undefined {
  if (!STAGE_NAME.test(word.text.toLowerCase())) {
    complaints.error(word.span, `"${word.text}" is not a stage's name`, "a name begins with a letter and holds letters, digits, dashes, underscores and dots");
    return undefined;
  }
  if (["scratch", "context"].includes(word.text.toLowerCase())) {
    complaints.warning(word.span, `"${word.text}" has a meaning of its own and should not name a stage`, "choose another name", "dockerfile-semantics");
  }
  return word;
}
