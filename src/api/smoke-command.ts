import { ProblemError } from "../core/problem.ts";
import type { RunConfig } from "../image/config.ts";

/**
 * What is started: the image's own ENTRYPOINT and CMD when no words are given; these words in the place of CMD when the first one begins with `-`; else these words alone.
 * Empty: there is nothing that could be started.
 */
export function smokeCommand(config: Pick<RunConfig, "Entrypoint" | "Cmd"> | undefined, words: readonly string[] | undefined): readonly string[] {
  const entrypoint = config?.Entrypoint ?? [];
  if (words === undefined) return [...entrypoint, ...(config?.Cmd ?? [])];
  if (words[0]?.startsWith("-") !== true) return words;
  return entrypoint.length === 0 ? [] : [...entrypoint, ...words];
}

/**
 * The words of a command line as a POSIX shell splits it, and nothing else that a shell does: `$`, `*`, `|` and their like stand for themselves.
 * @throws {ProblemError} `usage` for a quote that is not closed, and where there is no word
 */
export function commandWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (/[ \t\r\n]/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (sign === "'" || sign === '"') {
      const [quoted, end] = quotedFrom(text, at, sign);
      word = (word ?? "") + quoted;
      at = end;
    } else if (sign === "\\") {
      // Before the end of a line it joins the lines; at the very end it is itself.
      const next = text[++at];
      if (next !== "\n") word = (word ?? "") + (next ?? "\\");
    } else {
      word = (word ?? "") + sign;
    }
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0)
    throw new ProblemError("usage", { message: "--smoke is given a command without a word", hint: "leave the command out to start what the image starts" });
  return words;
}

/** What is quoted, and where the closing quote stands. In double quotes a backslash counts before `$`, a backquote, `"`, itself and the end of a line only. */
function quotedFrom(text: string, start: number, quote: string): [quoted: string, end: number] {
  let quoted = "";
  for (let at = start + 1; at < text.length; at++) {
    const sign = text[at] as string;
    if (sign === quote) return [quoted, at];
    const next = text[at + 1];
    if (quote === '"' && sign === "\\" && next !== undefined && '$`"\\\n'.includes(next)) {
      at++;
      if (next !== "\n") quoted += next;
    } else {
      quoted += sign;
    }
  }
  throw new ProblemError("usage", {
    message: `--smoke=${JSON.stringify(text)} opens a quote with ${quote} and does not close it`,
    hint: "close it, or put a backslash before it",
  });
}
