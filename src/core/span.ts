/** Half-open span of UTF-16 offsets into a file's text. Lines and columns exist only where something is printed. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text with its name, as people know it (a path relative to where they stand, or `-`). */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** A stretch of a file. */
export interface Place {
  readonly file: SourceFile;
  readonly span: Span;
}

/** 1-based line and 1-based column (in UTF-16 units), and the line's text without its end. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly lineText: string;
}

/** The position of an offset; an offset past the end is the end. */
export function positionOf(file: SourceFile, offset: number): Position {
  const at = Math.min(offset, file.text.length);
  const lineStart = file.text.lastIndexOf("\n", at - 1) + 1;
  let line = 1;
  for (let i = file.text.indexOf("\n"); i !== -1 && i < lineStart; i = file.text.indexOf("\n", i + 1)) line++;
  const lineEnd = file.text.indexOf("\n", at);
  const lineText = file.text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, "");
  return { line, column: at - lineStart + 1, lineText };
}
