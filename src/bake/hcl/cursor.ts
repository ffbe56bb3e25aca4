import type { ProblemCode } from "../../core/problem.ts";
import type { Span } from "../../core/span.ts";

/** Brackets, templates and blocks within each other. */
const DEEPEST = 100;

/** Ends the reading of a file; never leaves this room. */
export class BakeSyntaxError extends Error {
  readonly span: Span;
  readonly code: ProblemCode;

  constructor(message: string, span: Span, code: ProblemCode = "bake-syntax") {
    super(message);
    this.span = span;
    this.code = code;
  }
}

const IDENTIFIER = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const BLANK = /(?:[ \t]|\r(?=\n)|(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const BLANK_LINES = /(?:\s|(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\/)+/y;

/** A place in a text of HCL that moves on. */
export class Cursor {
  readonly text: string;
  readonly end: number;
  at: number;
  /** Whether a line's end ends an expression: not within parentheses, brackets and templates. */
  linesCount = true;
  #depth = 0;

  constructor(text: string, at = 0, end = text.length) {
    this.text = text;
    this.at = at;
    this.end = end;
  }

  /** Over white space and comments; over line ends only where they do not count. */
  skip(): void {
    this.#match(this.linesCount ? BLANK : BLANK_LINES);
  }

  skipLines(): void {
    this.#match(BLANK_LINES);
  }

  /** Whether a line, or the text, ends here. */
  atLineEnd(): boolean {
    this.#match(BLANK);
    return this.at >= this.end || this.text[this.at] === "\n";
  }

  peeks(mark: string): boolean {
    this.skip();
    return this.text.startsWith(mark, this.at) && this.at + mark.length <= this.end;
  }

  takes(mark: string): boolean {
    if (!this.peeks(mark)) return false;
    this.at += mark.length;
    return true;
  }

  wants(mark: string, where: string): void {
    if (!this.takes(mark)) throw this.unexpected(`a "${mark}" is wanted ${where}`);
  }

  identifier(): string | undefined {
    this.skip();
    return this.#match(IDENTIFIER);
  }

  /** A word that means something here: taken only when it is this one. */
  takesWord(word: string): boolean {
    const { at } = this;
    if (this.identifier() === word) return true;
    this.at = at;
    return false;
  }

  number(): string | undefined {
    this.skip();
    return this.#match(NUMBER);
  }

  /** Reads with line ends counting or not, and one level deeper. */
  within<T>(linesCount: boolean, read: () => T): T {
    const before = this.linesCount;
    if (++this.#depth > DEEPEST) {
      throw new BakeSyntaxError(`expressions and blocks are nested deeper than the ${DEEPEST} levels that we read`, this.here(), "limit-exceeded");
    }
    this.linesCount = linesCount;
    const result = read();
    this.linesCount = before;
    this.#depth--;
    return result;
  }

  here(): Span {
    return { start: this.at, end: Math.min(this.at + 1, this.end) };
  }

  unexpected(wanted: string): BakeSyntaxError {
    this.skip();
    const found =
      this.at >= this.end
        ? "the end"
        : this.text[this.at] === "\n"
          ? "the line's end"
          : JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0));
    return new BakeSyntaxError(`${wanted}, and there is ${found}`, this.here());
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined || this.at + found.length > this.end) return undefined;
    this.at += found.length;
    return found;
  }
}
