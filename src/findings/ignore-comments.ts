import type { SourceFile } from "../core/span.ts";
import type { Ignore } from "./ignore.ts";

/** `# multihull: ignore RULE[, RULE] -- reason`, or with `//` in HCL. */
const COMMENT = /(?:^|[ \t])(?:#|\/\/)[ \t]*multihull:[ \t]*ignore\b[ \t]*([^\n]*)/gm;
const ONLY_COMMENT = /^[ \t]*(?:#|\/\/)/;

/** The comments of a file that silence findings on their own line; where nothing else stands on it, on the next line that is no comment. */
export function ignoreComments(file: SourceFile): readonly Ignore[] {
  if (!file.text.includes("multihull:")) return [];
  const starts = lineStarts(file.text);
  return [...file.text.matchAll(COMMENT)].flatMap((match) => {
    const said = (match[1] as string).trimEnd();
    const from = match.index + match[0].length - (match[1] as string).length;
    const line = lineOf(starts, from);
    const covered = coveredLine(file.text, starts, line);
    const dashes = /(?:^|\s)--(?=\s|$)/.exec(said);
    const names = dashes === null ? said : said.slice(0, dashes.index);
    const reason = dashes === null ? "" : said.slice(dashes.index + dashes[0].length).trim();
    return [...names.matchAll(/[^\s,]+/g)].map((name) => ({
      rule: name[0],
      reason: reason === "" ? undefined : reason,
      place: { file, span: { start: from + name.index, end: from + name.index + name[0].length } },
      by: `a comment at ${file.name}:${line + 1}`,
      covers: (finding) => finding.place.file.name === file.name && lineOf(starts, finding.place.span.start) === covered,
    }));
  });
}

function coveredLine(text: string, starts: readonly number[], line: number): number {
  const lineText = (at: number): string => text.slice(starts[at], starts[at + 1]);
  let covered = line;
  while (covered < starts.length && ONLY_COMMENT.test(lineText(covered))) covered++;
  return covered;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let i = text.indexOf("\n"); i !== -1; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return starts;
}

/** 0-based. */
function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
