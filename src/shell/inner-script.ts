import type { Span } from "../core/span.ts";
import { literalOf, type Word } from "./script.ts";

/** A script in a word of a script: `bash -c '…'`, `eval "…"`. */
export interface InnerScript {
  readonly text: string;
  /** The place of a stretch of `text` in the outer script; the whole word where the two are written differently. */
  toOuter(span: Span): Span;
  /** What it changes is forgotten after it. */
  readonly apart: boolean;
  /** Substitutions in it are the outer shell's. */
  readonly expanded: boolean;
}

const SHELL = /^(?:\/(?:usr\/)?bin\/)?(?:bash|sh|dash|ash)$/;

/** The script that a command's words hold, or undefined. `source` is the text that the words' spans point into. */
export function innerScript(words: readonly Word[], source: string): InnerScript | undefined {
  const name = literalOf(words[0] as Word) ?? "";
  if (name === "eval") return words.length === 2 ? scriptOf(words[1] as Word, source, false) : undefined;
  if (!SHELL.test(name)) return undefined;
  let command = false;
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as Word;
    const text = literalOf(word);
    if (text === undefined || !/^[-+]./.test(text)) return command ? scriptOf(word, source, true) : undefined;
    if (text.startsWith("--")) continue;
    command ||= text.startsWith("-") && text.includes("c");
    if (/[oO]$/.test(text)) i++;
  }
  return undefined;
}

function scriptOf(word: Word, source: string, apart: boolean): InnerScript | undefined {
  const { start, end } = word.span;
  const written = source.slice(start, end);
  const between = written.slice(1, -1);
  const shifted = ({ start: from, end: to }: Span): Span => ({ start: start + 1 + from, end: start + 1 + to });
  if (/^'[^']*'$/.test(written)) return { text: between, toOuter: shifted, apart, expanded: false };
  if (/^"[^"\\]*"$/.test(written)) return { text: between, toOuter: shifted, apart, expanded: true };
  const text = literalOf(word);
  return text === undefined ? undefined : { text, toOuter: () => word.span, apart, expanded: false };
}
