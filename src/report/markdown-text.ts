import type { Severity } from "../findings/finding.ts";
import { cleanLines } from "./clean.ts";

// Text of files and images in Markdown: it is shown as it is and means nothing.

/** A comment on GitHub has room for 65536 characters; the job summary for more. */
export const MARKDOWN_LONGEST = 60_000;
export const MARKS: Readonly<Record<Severity, string>> = { error: "❌", warning: "⚠️", info: "ℹ️" };

/** A sentence of ours, in which text of files stands in double quotes: that becomes code. */
export const sentence = (text: string): string =>
  text.replace(/"([^"\n]*)"|[^"]+|"/g, (part, quoted?: string) => (quoted === undefined || quoted === "" ? escaped(part) : code(quoted)));

/** One line in which nothing is markup. `@name` and `#1` are taken apart by a space of no width, for GitHub looks for them after Markdown. */
export function escaped(text: string): string {
  return oneLine(text)
    .replace(/[^\p{L}\p{N} ,.;()%/=+?'-]/gu, entity)
    .replace(/(&#64;|&#35;)/g, "$1&#8203;")
    .replace(/\b(www)\./gi, "$1&#46;")
    .replace(/^([-+]|\d+[.)])/, (mark) => entity(mark[0] as string) + mark.slice(1));
}

/** In `<code>`, GitHub looks for nothing. */
export const code = (text: string): string => `<code>${oneLine(text).replace(/[^\p{L}\p{N} ,.;()%/=+?'-]/gu, entity)}</code>`;

const oneLine = (text: string): string => cleanLines(text).replace(/\s+/g, " ");
const entity = (char: string): string => `&#${char.codePointAt(0)};`;

/** Lines as they are. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${cleanLines(text)}\n${fence}`;
}
