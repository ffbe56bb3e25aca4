import { type CST, Lexer, Parser } from "yaml";
import type { SourceFile } from "../core/span.ts";
import type { Complaints } from "./complaints.ts";
import type { YamlLimits } from "./limits.ts";
import type { YamlComment } from "./tree.ts";

/** The lexer's mark that the next lexeme is a scalar, whatever it looks like. */
const SCALAR_MARK = "\u001f";
/** The parser's stack holds the document, and for a scalar itself. */
const STACK_BESIDE_COLLECTIONS = 2;

/** The concrete syntax of a file, and its comments; undefined when it is beyond a limit, which is complained about. */
export function readTokens(file: SourceFile, limits: YamlLimits, complaints: Complaints): { tokens: CST.Token[]; comments: YamlComment[] } | undefined {
  const tooMuch = (start: number, message: string): undefined => {
    complaints.say({ span: { start, end: start }, message, code: "limit-exceeded" });
    return undefined;
  };
  const { text } = file;
  if (text.length > limits.size) return tooMuch(0, `the file has ${text.length} characters, more than the ${limits.size} that we read`);
  const tokens: CST.Token[] = [];
  const comments: YamlComment[] = [];
  const parser = new Parser();
  // The library takes a sequence behind a byte order mark for an error.
  const mark = text.startsWith("\ufeff") ? 1 : 0;
  parser.offset = mark;
  let count = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text.slice(mark))) {
    const start = parser.offset;
    if (++count > limits.tokens) return tooMuch(start, `the file has more than the ${limits.tokens} words and marks that we read`);
    if (!isScalar && lexeme.startsWith("#")) comments.push({ span: { start, end: start + lexeme.length }, text: lexeme });
    isScalar = !isScalar && lexeme === SCALAR_MARK;
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > limits.depth + STACK_BESIDE_COLLECTIONS) {
      return tooMuch(start, `the file has collections within each other deeper than the ${limits.depth} levels that we read`);
    }
  }
  tokens.push(...parser.end());
  return { tokens, comments };
}
