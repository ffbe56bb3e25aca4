import { commentsIn, type YamlComment } from "./tree.ts";

/** Where the line of an offset begins; a byte order mark is not part of the first one. */
export function lineStart(text: string, at: number): number {
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  return start === 0 && text.startsWith("\ufeff") ? 1 : start;
}

/** Where the line of an offset ends, before its line break. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  if (end === -1) return text.length;
  return end > at && text[end - 1] === "\r" ? end - 1 : end;
}

/** Where the line after that of an offset begins; the text's end when there is none. */
export function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** Whether only spaces stand before an offset on its line. */
export function isFirstOnLine(text: string, at: number): boolean {
  return /^ *$/.test(text.slice(lineStart(text, at), at));
}

/** Whether a line begins at `start` that holds nothing but white space. */
export function isBlankLine(text: string, start: number): boolean {
  return start < text.length && /^[ \t]*$/.test(text.slice(start, lineEnd(text, start)));
}

/** The line break that a file uses: that of its first line. */
export function lineBreakOf(text: string): "\n" | "\r\n" {
  return text[text.indexOf("\n") - 1] === "\r" ? "\r\n" : "\n";
}

/** The column of a line that holds a comment and nothing else; undefined for any other line. */
function commentColumn(text: string, comments: readonly YamlComment[], start: number): number | undefined {
  const [comment] = commentsIn(comments, { start, end: nextLine(text, start) });
  return comment !== undefined && isFirstOnLine(text, comment.span.start) ? columnOf(text, comment.span.start) : undefined;
}

/**
 * Where the lines of what begins at `at` (first on its line) begin, with the comment lines directly above that are aligned with it.
 * Comments that begin the file belong to the file.
 */
export function ownStart(text: string, comments: readonly YamlComment[], at: number): number {
  const column = columnOf(text, at);
  const first = lineStart(text, at);
  let start = first;
  while (start > lineStart(text, 0)) {
    const above = lineStart(text, start - 1);
    if (commentColumn(text, comments, above) !== column) return start;
    start = above;
  }
  return start === lineStart(text, 0) ? first : start;
}

/** Where the last line of what ends at `end` ends, with the comment lines directly below that are indented deeper than `column`. */
export function ownEnd(text: string, comments: readonly YamlComment[], end: number, column: number): number {
  let last = lineEnd(text, end);
  for (;;) {
    const below = nextLine(text, last);
    const indent = below < text.length ? commentColumn(text, comments, below) : undefined;
    if (indent === undefined || indent <= column) return last;
    last = lineEnd(text, below);
  }
}
