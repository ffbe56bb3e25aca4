/** Longer lines are cut. */
const LINE_LIMIT = 300;
/** Colours, cursor movements, titles, and what else does not print. Source: ECMA-48, 5.4 (control sequences) and 5.6 (control strings). */
const UNPRINTABLE = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** The last lines of what a program printed that hold something, as a reader sees them: without colours, and of a line that was written over the last. */
export function lastLines(output: string, limit: number): readonly string[] {
  return output
    .split("\n")
    .map((line) => shown(line.replace(/\r+$/, "")))
    .filter((line) => line !== "")
    .slice(-limit);
}

function shown(line: string): string {
  const text = line
    .slice(line.lastIndexOf("\r") + 1)
    .replace(UNPRINTABLE, "")
    .trimEnd();
  return text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)}…` : text;
}
