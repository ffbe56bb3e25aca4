import { expandWhole, expandWord, matchesStars, type Surroundings } from "./expand.ts";
import type { Part, Question, Word } from "./script.ts";
import { mayBeMany, type Piece } from "./values.ts";

/** Yes, no, or what cannot be known before the script runs. */
export type Answer = boolean | undefined;

/** Answers a question from those that are asked within it. @param leaf  answers those that hold no other */
export function answerTo(question: Question, leaf: (question: Question) => Answer): Answer {
  switch (question.kind) {
    case "not":
      return negated(answerTo(question.of, leaf));
    case "all":
      return both(question.of.map((one) => answerTo(one, leaf)));
    case "constant":
      return question.value;
    case "test":
    case "match":
    case "command":
      return leaf(question);
  }
}

/** Answers a test or a match where its words stand. Facts: POSIX.1-2024 test; bash 5.2 manual, Conditional Constructs (read 2026-11). */
export function answerAt(question: Question, surroundings: Surroundings): Answer {
  if (question.kind === "match") return matched(question, surroundings);
  if (question.kind !== "test") return undefined;
  const tokens = question.words.flatMap((word) => (question.double ? doubleToken(word, surroundings) : singleTokens(word, surroundings)));
  return tokens.includes(ANYTHING) ? undefined : new Test(tokens, question.double).answer();
}

/** A word of a test. */
interface Token {
  /** Undefined when it is unknown. */
  readonly text: string | undefined;
  readonly isEmpty: Answer;
  /** What it is as an operator, if it may be one. */
  readonly operator: string | undefined;
  /** Right of `==` between double brackets; `*` is its only special character. */
  readonly pattern: string | undefined;
}

/** May be no word at all, or several. */
const ANYTHING: Token = { text: undefined, isEmpty: undefined, operator: undefined, pattern: undefined };

function singleTokens(word: Word, surroundings: Surroundings): Token[] {
  return expandWord(word, surroundings).map((value): Token => {
    if (mayBeMany(value)) return ANYTHING;
    const text = textOfPieces(value.pieces);
    return { text, isEmpty: emptiness(value.pieces), operator: text, pattern: undefined };
  });
}

function doubleToken(word: Word, surroundings: Surroundings): Token {
  const pieces = expandWhole(word, surroundings);
  const bare = word.parts.every((part) => part.kind === "text" && !part.quoted);
  const text = textOfPieces(pieces);
  return { text, isEmpty: emptiness(pieces), operator: bare ? text : undefined, pattern: patternOf(word, surroundings) };
}

function matched({ subject, patterns }: Extract<Question, { kind: "match" }>, surroundings: Surroundings): Answer {
  const text = textOfPieces(expandWhole(subject, surroundings));
  const answers = patterns.map((word): Answer => {
    const pattern = patternOf(word, surroundings);
    if (pattern === "*") return true;
    return text === undefined || pattern === undefined ? undefined : matchesStars(text, pattern);
  });
  return negated(both(answers.map(negated)));
}

/** A word as a pattern whose only special character is `*`; undefined when it is none. */
function patternOf(word: Word, surroundings: Surroundings): string | undefined {
  let pattern = "";
  for (const part of word.parts) {
    const text = textOfPieces(expandWhole({ parts: [part], span: part.span }, surroundings));
    if (text === undefined || (isPlain(part) ? /[?[\]\\(|]/ : /[*?[\]\\(|]/).test(text)) return undefined;
    pattern += text;
  }
  return pattern;
}

const isPlain = (part: Part): boolean => part.kind === "text" && !part.quoted;

function textOfPieces(pieces: readonly Piece[]): string | undefined {
  let text = "";
  for (const piece of pieces) {
    if (piece.kind === "unknown") return undefined;
    text += piece.text;
  }
  return text;
}

function emptiness(pieces: readonly Piece[]): Answer {
  if (pieces.some((piece) => piece.kind === "text" && piece.text !== "")) return false;
  return pieces.some(({ kind }) => kind === "unknown") ? undefined : true;
}

const BINARY = /^(?:=|==|!=|=~|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))$/;
const UNARY = /^-[a-zA-Z]$/;

/** What stands between brackets: `a -o b`, `a && b`, `! a`, `( a )`, `-z a`, `a = b`, `a`. */
class Test {
  readonly #tokens: readonly Token[];
  readonly #double: boolean;
  #at = 0;

  constructor(tokens: readonly Token[], double: boolean) {
    this.#tokens = tokens;
    this.#double = double;
  }

  answer(): Answer {
    const answer = this.#any();
    return this.#at === this.#tokens.length ? answer : undefined;
  }

  #operator(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead]?.operator;
  }

  #any(): Answer {
    const answers = [this.#every()];
    while (this.#operator() === (this.#double ? "||" : "-o")) {
      this.#at++;
      answers.push(this.#every());
    }
    return negated(both(answers.map(negated)));
  }

  #every(): Answer {
    const answers = [this.#one()];
    while (this.#operator() === (this.#double ? "&&" : "-a")) {
      this.#at++;
      answers.push(this.#one());
    }
    return both(answers);
  }

  #one(): Answer {
    const [first, second] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]];
    // `[ ]` is no; between double brackets it is a mistake.
    if (first === undefined) return this.#double ? undefined : false;
    const operator = this.#operator(1) ?? "";
    if (BINARY.test(operator) && this.#tokens[this.#at + 2] !== undefined) {
      this.#at += 3;
      return compared(first, operator, this.#tokens[this.#at - 1] as Token, this.#double);
    }
    if (this.#operator() === "!" && second !== undefined) {
      this.#at++;
      return negated(this.#one());
    }
    if (this.#operator() === "(" && second !== undefined) {
      this.#at++;
      const answer = this.#any();
      if (this.#operator() !== ")") return undefined;
      this.#at++;
      return answer;
    }
    this.#at++;
    if (second === undefined || !UNARY.test(first.operator ?? "") || first.operator === "-a" || first.operator === "-o") return negated(first.isEmpty);
    this.#at++;
    if (first.operator === "-z") return second.isEmpty;
    return first.operator === "-n" ? negated(second.isEmpty) : undefined;
  }
}

function compared(left: Token, operator: string, right: Token, double: boolean): Answer {
  switch (operator) {
    case "=":
    case "==":
      return equal(left, right, double);
    case "!=":
      return negated(equal(left, right, double));
  }
  const [a, b] = [left.text, right.text];
  if (a === undefined || b === undefined || !INTEGER.test(a) || !INTEGER.test(b)) return undefined;
  return COMPARED.get(operator)?.(Number(a), Number(b));
}

const INTEGER = /^-?[0-9]{1,15}$/;
const COMPARED: ReadonlyMap<string, (a: number, b: number) => boolean> = new Map([
  ["-eq", (a, b) => a === b],
  ["-ne", (a, b) => a !== b],
  ["-lt", (a, b) => a < b],
  ["-le", (a, b) => a <= b],
  ["-gt", (a, b) => a > b],
  ["-ge", (a, b) => a >= b],
]);

function equal(left: Token, right: Token, double: boolean): Answer {
  if ((left.isEmpty === true && right.isEmpty === false && !double) || (right.isEmpty === true && left.isEmpty === false)) return false;
  if (left.text === undefined) return undefined;
  if (!double) return right.text === undefined ? undefined : left.text === right.text;
  return right.pattern === undefined ? undefined : matchesStars(left.text, right.pattern);
}

const negated = (answer: Answer): Answer => (answer === undefined ? undefined : !answer);

function both(answers: readonly Answer[]): Answer {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}
