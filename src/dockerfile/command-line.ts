import { readJsonList } from "./arguments.ts";
import type { CommandLine } from "./ast.ts";
import type { InstructionLine } from "./instruction-line.ts";
import type { ReadContext } from "./read-context.ts";

/** A command, in exec form where it is a JSON array of strings and in shell form otherwise; absent when the array holds anything but strings. */
export function readCommand(parts: InstructionLine, start: number, context: ReadContext): CommandLine | undefined {
  const { line, end } = parts;
  const list = readJsonList(line, start, end);
  const text = line.text.slice(start, end);
  if (list === "no-strings") {
    context.syntax.error(
      line.spanOf(start, end),
      "a JSON array stands here that holds other things than strings",
      'write each word as a string in double quotes, such as ["sh", "-c", "date"]',
    );
    return undefined;
  }
  if (list !== "no-json") return { shell: false, words: list.map((piece) => piece.text) };
  // The shell's own `[ … ]` has a space behind the bracket.
  if (/^\[["']/.test(text)) {
    context.complaints.note(line.spanOf(start, end), "this looks like a JSON array but is none, so it is given to the shell as it stands", jsonHint(text));
  }
  return { shell: true, words: [text] };
}

export function jsonHint(text: string): string {
  if (text.includes("'")) return "JSON strings have double quotes";
  if (!text.endsWith("]")) return "nothing may follow the closing bracket, not even a comment";
  return 'JSON wants ["word", "word"]: commas between the words, none behind the last, and \\\\ for a backslash';
}
