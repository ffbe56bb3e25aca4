import { ExpressionError, Lexer, Parser } from "@actions/expressions";
import type { Expr } from "@actions/expressions/ast";
import { TokenType } from "@actions/expressions/lexer";
import { splitAllowedContext } from "@actions/workflow-parser/templates/allowed-context";
import type { Span } from "../../core/span.ts";

/** Everything that an expression may name anywhere; where it stands may allow less. */
const EVERYTHING: readonly string[] = [
  ..."github env vars job jobs steps runner secrets strategy matrix needs inputs".split(" "),
  ..."always(0,0) cancelled(0,0) success(0,MAX) failure(0,MAX) hashFiles(1,255)".split(" "),
];

/** What is wrong with an expression, and where in its text. */
export interface Mistake {
  readonly message: string;
  readonly span: Span;
}

export type Parsed =
  | { readonly ok: true; readonly text: string; readonly tree: Expr }
  | { readonly ok: false; readonly text: string; readonly mistake: Mistake };

/**
 * Parses an expression (without its `${{ }}`) by GitHub's own grammar, which allows 21,000 characters and 50 levels. Never throws.
 * @param allowed  contexts and functions, as GitHub's schema writes them: `github`, `success(0,MAX)`
 */
export function parseExpression(text: string, allowed: readonly string[] = EVERYTHING): Parsed {
  if (text.trim() === "") return { ok: false, text, mistake: { message: "an expression is missing", span: { start: 0, end: text.length } } };
  try {
    const { tokens } = new Lexer(text).lex();
    for (const token of tokens) {
      // The lexer undoes only the first doubled quote of a string.
      if (token.type === TokenType.STRING) token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
    }
    const inherited = tokens.findIndex(
      (token, i) => Object.hasOwn(Object.prototype, token.lexeme.toLowerCase()) && tokens[i + 1]?.type === TokenType.LEFT_PAREN,
    );
    // The library looks functions up in a plain object, which has more than its own.
    if (inherited !== -1)
      return unknownFunction(text, tokens[inherited]?.lexeme ?? "", offsetOf(text, tokens[inherited]?.range.start ?? { line: 0, column: 0 }));
    const { namedContexts, functions } = splitAllowedContext([...allowed]);
    return { ok: true, text, tree: new Parser(tokens, namedContexts, functions).parse() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, text, mistake: { message: messageOf(error), span: spanOf(error, text) } };
  }
}

function unknownFunction(text: string, name: string, at: number): Parsed {
  return { ok: false, text, mistake: { message: `unrecognized function: "${name}"`, span: clamp(at, at + name.length, text) } };
}

function messageOf(error: Error): string {
  if (error instanceof RangeError) return "the expression is nested too deeply";
  const short = error.message.replace(/\. Located at position \d+ within expression: [\s\S]*$/, "");
  const quoted = short.replace(/'([\s\S]*)'$/, '"$1"');
  return quoted.charAt(0).toLowerCase() + quoted.slice(1);
}

function spanOf(error: Error, text: string): Span {
  if (error instanceof ExpressionError) {
    const start = offsetOf(text, error.pos);
    return clamp(start, start + (/^[\w-]+|^'(?:[^']|'')*'|^\W/.exec(text.slice(start))?.[0].length ?? 0), text);
  }
  const at = /Located at position (\d+) within/.exec(error.message);
  return at === null ? { start: 0, end: text.length } : clamp(Number(at[1]) - 1, text.length, text);
}

/** The library's columns count from the line's start; its first line is 0. */
function offsetOf(text: string, at: { readonly line: number; readonly column: number }): number {
  let lineStart = 0;
  for (let line = 0; line < at.line; line++) lineStart = text.indexOf("\n", lineStart) + 1;
  return lineStart + at.column;
}

const clamp = (start: number, end: number, text: string): Span => ({
  start: Math.min(Math.max(0, start), text.length),
  end: Math.min(Math.max(start, end, 0), text.length),
});
