import { remembered } from "../../core/remembered.ts";
import type { Dockerfile, RunInstruction } from "../../dockerfile/ast.ts";

/** A RUN's text as it stands in the file, here-documents with it, so that an offset in it is one of the file. Comments are blanked. */
export interface RunScript {
  readonly instruction: RunInstruction;
  readonly text: string;
  readonly start: number;
}

/** A longer script is not read: nobody writes one by hand. */
const LONGEST_SCRIPT = 32 * 1024;
/** So many places of a kind are looked at in one script. */
export const MOST_PLACES = 100;

export const runScript: (dockerfile: Dockerfile, instruction: RunInstruction) => RunScript = remembered(read, (_, instruction) => instruction);

function read({ file }: Dockerfile, instruction: RunInstruction): RunScript {
  const { start, end } = instruction.span;
  const text = end - start > LONGEST_SCRIPT ? "" : file.text.slice(start, end).replace(/^[ \t]*#[^\n]*/gm, (comment) => " ".repeat(comment.length));
  return { instruction, text, start };
}

/** What counts as one command for simple reading: up to the next `&&`, `||`, `;`, `|` or line end that is not continued. */
export function commandAt(text: string, index: number): string {
  const before = text.slice(0, index);
  const start = Math.max(...[...before.matchAll(/&&|\|\|?|;|(?<!\\)\r?\n|\bthen\b|\bdo\b/g)].map((one) => one.index + one[0].length), 0);
  const length = /&&|\|\|?|;|(?<!\\)\r?\n/.exec(text.slice(index))?.index ?? text.length - index;
  return text.slice(start, index + length);
}

/** Whether a place of a script stands in an `if` or `case`, or after one on a line of its own: it may not be reached. */
export const isConditional = (text: string, index: number): boolean =>
  /(?:^|[\s;&|(])(?:if|case|for|while)\s/.test(text.slice(0, index)) || /\[\[?\s[^\n]*&&/.test(text.slice(0, index));

/**
 * Finds commands by name where a script has commands, not their arguments: `make`, but not that of `apt-get install make`.
 * @param names  alternatives of a regular expression
 */
export const commandsNamed = (names: string): RegExp =>
  new RegExp(
    String.raw`(?:^RUN(?:[\s\\]{1,200}--\S{1,500})*|&&|\|\|?|;|\(|\{|\b(?:then|do|else)\s|(?<!\\)\r?\n)[\s\\]{0,200}(?:(?:sudo|env|time|exec|command)\s{1,20}){0,4}(?:[A-Za-z_]\w{0,100}=(?:"[^"]{0,500}"|'[^']{0,500}'|[^\s"']{0,500})[\s\\]{1,200}){0,20}(?:[^\s;&|]{0,200}/)?(?:${names})`,
    "i",
  );
