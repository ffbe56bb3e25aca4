import type { Place, SourceFile } from "../../core/span.ts";
import type { FileEdit, Replacement } from "../../findings/finding.ts";
import { lineBreakOf, lineEnd, lineStart, nextLine } from "../../yaml/lines.ts";

/** Another text for a place. */
export const replaceText = (place: Place, text: string): FileEdit => textEdit(place.file, { ...place.span, text });

/** A new line behind the one that holds `offset`, with the file's line ends. A last line without an end stays without one. */
export function insertLineAfter(file: SourceFile, offset: number, text: string): FileEdit {
  const end = lineEnd(file.text, offset);
  return textEdit(file, { start: end, end, text: lineBreakOf(file.text) + text });
}

/** A new line above the one that holds `offset`. */
export function insertLineBefore(file: SourceFile, offset: number, text: string): FileEdit {
  const start = lineStart(file.text, offset);
  return textEdit(file, { start, end: start, text: text + lineBreakOf(file.text) });
}

/** Takes the lines away that a place stands on. */
export function removeLines({ file, span }: Place): FileEdit {
  const { text } = file;
  const end = nextLine(text, Math.max(span.start, span.end - 1));
  let start = lineStart(text, span.start);
  // The last line had no line break, so the one before it shall have none.
  if (end === text.length && !text.endsWith("\n") && start > 0) start -= text[start - 2] === "\r" ? 2 : 1;
  return textEdit(file, { start, end, text: "" });
}

/** White space between the words of a command, over continued lines. */
const GAP = String.raw`(?:[ \t]|\\\r?\n)+`;
const COMMAND = new RegExp(
  String.raw`(?<![\w./-])(?:docker|podman|buildah)(?:${GAP}(?:buildx|image|builder|compose|manifest|imagetools|container))*${GAP}[a-z]+(?![\w./-])`,
);
const DOCKER_BUILD = new RegExp(String.raw`(?<![\w./-])docker(?:${GAP}(?:image|builder))?(${GAP})build(?![\w./-])`);

/** A flag behind the words of a command (`docker buildx build`) in a script or Makefile; undefined when the place does not hold one as it is usually written. */
export function addFlag(command: Place, flag: string): FileEdit | undefined {
  const found = COMMAND.exec(textAt(command));
  if (found === null) return undefined;
  const at = command.span.start + found.index + found[0].length;
  return textEdit(command.file, { start: at, end: at, text: ` ${flag}` });
}

/** `docker build` and `docker image build` as `docker buildx build`; undefined when the place holds neither. */
export function useBuildx(command: Place): FileEdit | undefined {
  const found = DOCKER_BUILD.exec(textAt(command));
  if (found === null) return undefined;
  const start = command.span.start + found.index;
  return textEdit(command.file, { start, end: start + found[0].length, text: `docker buildx${found[1]}build` });
}

const textAt = ({ file, span }: Place): string => file.text.slice(span.start, span.end);

const textEdit = (file: SourceFile, ...replacements: readonly Replacement[]): FileEdit => ({ kind: "text", file, replacements });
