const ESCAPE = "\u001b";
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])|\[(?:36;1|0)m/g;

/** Without colours and other escape sequences of terminals. */
export const withoutColours = (text: string): string => (text.includes(ESCAPE) || text.includes("[36;1m") ? text.replace(SEQUENCES, "") : text);

/** A line without what GitHub puts before it. */
export interface Bare {
  readonly text: string;
  /** From `gh run view --log`. */
  readonly job: string | undefined;
  readonly step: string | undefined;
  readonly isGitHub: boolean;
}

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BYTE_ORDER_MARK = 0xfeff;

/** Takes time, job and step off the front of a line. */
export function bare(line: string): Bare {
  const start = line.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  const end = endOfTime(line, start);
  if (end !== -1) return { text: line.slice(end), job: undefined, step: undefined, isGitHub: true };
  const tab = line.indexOf("\t");
  const second = tab <= 0 ? -1 : line.indexOf("\t", tab + 1);
  if (second !== -1) {
    const from = line.charCodeAt(second + 1) === BYTE_ORDER_MARK ? second + 2 : second + 1;
    const after = endOfTime(line, from);
    if (after !== -1) return { text: line.slice(after), job: line.slice(start, tab), step: line.slice(tab + 1, second), isGitHub: true };
  }
  return { text: start === 0 ? line : line.slice(1), job: undefined, step: undefined, isGitHub: false };
}

/** Offset behind `2025-05-09T10:11:12.1234567Z `, or -1. */
function endOfTime(line: string, start: number): number {
  const first = line.charCodeAt(start);
  if (!(first >= DIGIT_0 && first <= DIGIT_9) || line[start + 4] !== "-" || line[start + 10] !== "T") return -1;
  const z = line.indexOf("Z", start + 19);
  if (z === -1 || z > start + 30) return -1;
  return line[z + 1] === " " ? z + 2 : z + 1;
}
