import type { Place, SourceFile } from "../../core/span.ts";

/** Where a span is, 1-based; columns are UTF-16 units. The end is behind the last unit. */
export interface Region {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Offsets at which lines begin: many findings are of one file. */
const lineStarts = new WeakMap<SourceFile, readonly number[]>();

export function regionOf({ file, span }: Place): Region {
  const start = pointOf(file, span.start);
  const end = pointOf(file, Math.max(span.start, span.end));
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

/** A line's text without its end; 1-based. */
export function lineText(file: SourceFile, line: number): string {
  const starts = startsOf(file);
  const from = starts[line - 1];
  return from === undefined ? "" : file.text.slice(from, starts[line]).replace(/\r?\n$/, "");
}

function pointOf(file: SourceFile, offset: number): { readonly line: number; readonly column: number } {
  const starts = startsOf(file);
  const at = Math.min(offset, file.text.length);
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: at - (starts[low] as number) + 1 };
}

function startsOf(file: SourceFile): readonly number[] {
  let starts = lineStarts.get(file);
  if (starts === undefined) {
    const found = [0];
    for (let at = file.text.indexOf("\n"); at !== -1; at = file.text.indexOf("\n", at + 1)) found.push(at + 1);
    lineStarts.set(file, found);
    starts = found;
  }
  return starts;
}
