import { isProblem } from "../core/problem.ts";
import { type Piece, readJsonList, splitAtSpace, wordOf } from "./arguments.ts";
import type { Heredoc, TransferInstruction } from "./ast.ts";
import { type FlagKind, readFlags } from "./flags.ts";
import { type HeredocOpening, heredocOpening } from "./heredoc.ts";
import type { InstructionLine } from "./instruction-line.ts";
import { argumentsSpan, baseOf, type ReadContext } from "./read-context.ts";
import { expandWord } from "./words.ts";

const BOTH: Readonly<Record<string, FlagKind>> = { chown: "text", chmod: "text", link: "switch", exclude: "list" };
const FLAGS: Readonly<Record<"COPY" | "ADD", Readonly<Record<string, FlagKind>>>> = {
  COPY: { from: "text", ...BOTH, parents: "switch" },
  ADD: { ...BOTH, checksum: "text", "keep-git-dir": "switch", unpack: "switch" },
};

/** COPY and ADD. */
export function readTransfer(keyword: "COPY" | "ADD", parts: InstructionLine, context: ReadContext): TransferInstruction | undefined {
  const { complaints } = context;
  const flags = readFlags(keyword, parts.flags, FLAGS[keyword], complaints);
  const pieces = readPaths(keyword, parts, context);
  const destination = pieces?.at(-1);
  if (pieces === undefined || destination === undefined || pieces.length < 2) {
    if (pieces !== undefined) {
      complaints.error(
        argumentsSpan(parts),
        `${keyword} needs at least one source and a destination`,
        "the last word is the destination; write . for the working directory",
      );
    }
    return undefined;
  }
  const { line } = parts;
  if (openingOf(destination) !== undefined) {
    complaints.error(
      line.spanOf(destination.start, destination.end),
      `a here-document cannot be the destination of ${keyword}`,
      "write the destination behind it",
    );
    return undefined;
  }
  const sources = pieces.slice(0, -1);
  const from = flags.text("from");
  if (from !== undefined && !isPlain(from.text, context)) {
    complaints.error(
      from.span,
      `--from cannot hold a variable or quotes, as in "${from.text}"`,
      "give the image a stage of its own, FROM … AS name, and name that",
      "dockerfile-semantics",
    );
  }
  const options = {
    ...given("from", from),
    ...given("chown", flags.text("chown")),
    ...given("chmod", flags.text("chmod")),
    ...given("checksum", flags.text("checksum")),
    ...given("keepGitDir", flags.switch("keep-git-dir")),
    ...given("unpack", flags.switch("unpack")),
  };
  return {
    kind: keyword === "COPY" ? "copy" : "add",
    ...baseOf(parts, context),
    sources: sources.filter((piece) => openingOf(piece) === undefined).map((piece) => wordOf(line, piece)),
    heredocs: sources.flatMap((piece) => heredocOf(piece, parts, context) ?? []),
    destination: wordOf(line, destination),
    link: flags.switch("link") ?? false,
    parents: flags.switch("parents") ?? false,
    exclude: flags.list("exclude"),
    ...options,
  };
}

const given = <K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [key in K]?: V };

function readPaths(keyword: string, parts: InstructionLine, context: ReadContext): Piece[] | undefined {
  const list = readJsonList(parts.line, parts.start, parts.end);
  if (list === "no-json") return splitAtSpace(parts.line, parts.start, parts.end);
  if (list !== "no-strings") return list;
  context.syntax.error(
    argumentsSpan(parts),
    `the JSON array of ${keyword} holds other things than strings`,
    'write each path as a string in double quotes, such as ["a file", "/to/"]',
  );
  return undefined;
}

/** A source as the opening of a here-document; one that cannot be read is a path, as in BuildKit. */
function openingOf(piece: Piece): HeredocOpening | undefined {
  try {
    return heredocOpening(piece.text);
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** The here-document that a source opens. Of two with one name the last body counts; in JSON form there is no body. */
function heredocOf(piece: Piece, parts: InstructionLine, context: ReadContext): Heredoc | undefined {
  const opening = openingOf(piece);
  if (opening === undefined) return undefined;
  const body = context.heredocs.findLast(({ name }) => name === opening.name);
  const raw = body?.raw ?? "";
  return { ...opening, raw, content: opening.chomp ? raw.replace(/(^|\n)\t+/g, "$1") : raw, span: body?.span ?? parts.line.spanOf(piece.start, piece.end) };
}

function isPlain(text: string, context: ReadContext): boolean {
  try {
    return expandWord(text, new Map(), { escape: context.escape }).value === text;
  } catch (error) {
    if (isProblem(error)) return false;
    throw error;
  }
}
