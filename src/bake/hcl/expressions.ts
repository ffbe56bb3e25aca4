import type { Expression, ForExpression, ObjectEntry, Operator, SplatStep } from "../expression.ts";
import type { Cursor } from "./cursor.ts";
import { readHeredoc, readQuoted } from "./templates.ts";

/** Weakest first. */
const OPERATORS: readonly (readonly Operator[])[] = [["||"], ["&&"], ["==", "!="], [">=", "<=", ">", "<"], ["+", "-"], ["*", "/", "%"]];
/** Links of one chain, `a + a + …`: evaluating recurses over them. */
const LONGEST_CHAIN = 1000;

export function readExpression(cursor: Cursor): Expression {
  return cursor.within(cursor.linesCount, () => {
    const condition = readOperation(cursor, 0);
    if (!cursor.takes("?")) return condition;
    const yes = readExpression(cursor);
    cursor.wants(":", 'between the two sides of "?"');
    const no = readExpression(cursor);
    return { kind: "conditional", condition, yes, no, span: { start: condition.span.start, end: no.span.end } };
  });
}

function readOperation(cursor: Cursor, level: number): Expression {
  const operators = OPERATORS[level];
  if (operators === undefined) return readUnary(cursor);
  let left = readOperation(cursor, level + 1);
  for (let links = 0; ; links++) {
    const operator = operators.find((mark) => cursor.peeks(mark));
    if (operator === undefined) return left;
    if (links === LONGEST_CHAIN) throw cursor.unexpected("an expression is longer than we read");
    cursor.at += operator.length;
    const right = readOperation(cursor, level + 1);
    left = { kind: "operation", operator, left, right, span: { start: left.span.start, end: right.span.end } };
  }
}

function readUnary(cursor: Cursor): Expression {
  cursor.skip();
  const start = cursor.at;
  const kind = cursor.takes("-") ? "negate" : cursor.peeks("!") && cursor.text[cursor.at + 1] !== "=" && cursor.takes("!") ? "not" : undefined;
  if (kind === undefined) return readSteps(cursor, readTerm(cursor));
  const of = cursor.within(cursor.linesCount, () => readUnary(cursor));
  return { kind, of, span: { start, end: of.span.end } };
}

/** What may follow a term: `.name`, `.0`, `[key]`, `.*`, `[*]`. */
function readSteps(cursor: Cursor, term: Expression): Expression {
  let value = term;
  const { start } = term.span;
  for (let links = 0; links < LONGEST_CHAIN; links++) {
    if (cursor.peeks("...")) return value;
    if (cursor.takes(".")) {
      if (cursor.takes("*")) {
        value = { kind: "splat", of: value, steps: readSplatSteps(cursor, false), span: { start, end: cursor.at } };
        continue;
      }
      const step = readDotted(cursor);
      value =
        step.kind === "attribute"
          ? { kind: "attribute", of: value, name: step.name, span: { start, end: cursor.at } }
          : { kind: "index", of: value, key: step.key, span: { start, end: cursor.at } };
    } else if (cursor.takes("[")) {
      if (cursor.within(false, () => cursor.takes("*"))) {
        cursor.wants("]", 'after "[*"');
        value = { kind: "splat", of: value, steps: readSplatSteps(cursor, true), span: { start, end: cursor.at } };
        continue;
      }
      const key = cursor.within(false, () => readExpression(cursor));
      closes(cursor, "]");
      value = { kind: "index", of: value, key, span: { start, end: cursor.at } };
    } else return value;
  }
  throw cursor.unexpected("an expression is longer than we read");
}

function readDotted(cursor: Cursor): SplatStep {
  const { at } = cursor;
  const name = cursor.identifier();
  if (name !== undefined) return { kind: "attribute", name };
  const digits = /^\d+/.exec(cursor.text.slice(cursor.at, cursor.at + 16))?.[0];
  if (digits === undefined) throw cursor.unexpected('a name is wanted after "."');
  cursor.at += digits.length;
  return { kind: "index", key: { kind: "literal", value: Number(digits), span: { start: at, end: cursor.at } } };
}

function readSplatSteps(cursor: Cursor, indexes: boolean): SplatStep[] {
  const steps: SplatStep[] = [];
  while (steps.length < LONGEST_CHAIN) {
    if (cursor.peeks("...")) return steps;
    if (cursor.takes(".")) steps.push(readDotted(cursor));
    else if (indexes && cursor.takes("[")) {
      steps.push({ kind: "index", key: cursor.within(false, () => readExpression(cursor)) });
      closes(cursor, "]");
    } else return steps;
  }
  throw cursor.unexpected("an expression is longer than we read");
}

/** Closes what was read without counting line ends. */
function closes(cursor: Cursor, mark: string): void {
  cursor.within(false, () => cursor.skip());
  cursor.wants(mark, "here");
}

function readTerm(cursor: Cursor): Expression {
  cursor.skip();
  const start = cursor.at;
  if (cursor.peeks('"')) return readQuoted(cursor, readExpression);
  if (cursor.peeks("<<")) return readHeredoc(cursor, readExpression);
  if (cursor.takes("(")) {
    const inner = cursor.within(false, () => readExpression(cursor));
    closes(cursor, ")");
    return { kind: "group", of: inner, span: { start, end: cursor.at } };
  }
  if (cursor.takes("[")) return cursor.within(false, () => readFor(cursor, start, "]") ?? readList(cursor, start));
  if (cursor.takes("{")) return cursor.within(true, () => readFor(cursor, start, "}") ?? readObject(cursor, start));
  const digits = cursor.number();
  if (digits !== undefined) return { kind: "literal", value: Number(digits), span: { start, end: cursor.at } };
  const name = cursor.identifier();
  if (name === undefined) throw cursor.unexpected("a value is wanted");
  return readNamed(cursor, name, start);
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function readNamed(cursor: Cursor, first: string, start: number): Expression {
  let name = first;
  while (cursor.takes("::")) name += `::${cursor.identifier() ?? ""}`;
  const { at } = cursor;
  if (!cursor.takes("(")) {
    cursor.at = at;
    const span = { start, end: start + name.length };
    return WORDS.has(name) ? { kind: "literal", value: WORDS.get(name) ?? null, span } : { kind: "variable", name, span };
  }
  return cursor.within(false, () => {
    const given: Expression[] = [];
    let spread = false;
    while (!cursor.takes(")")) {
      given.push(readExpression(cursor));
      spread = cursor.takes("...");
      if (!spread && cursor.takes(",")) continue;
      cursor.wants(")", `after the arguments of "${name}"`);
      break;
    }
    return { kind: "call", name, arguments: given, spread, span: { start, end: cursor.at } };
  });
}

function readList(cursor: Cursor, start: number): Expression {
  const items: Expression[] = [];
  while (!cursor.takes("]")) {
    items.push(readExpression(cursor));
    if (cursor.takes(",")) continue;
    cursor.wants("]", "or a comma after an item of a list");
    break;
  }
  return { kind: "list", items, span: { start, end: cursor.at } };
}

function readObject(cursor: Cursor, start: number): Expression {
  const entries: ObjectEntry[] = [];
  for (;;) {
    cursor.skipLines();
    if (cursor.takes("}")) break;
    const key = readExpression(cursor);
    if (cursor.peeks("==") || !(cursor.takes("=") || cursor.takes(":"))) throw cursor.unexpected('a "=" is wanted after the key of an object');
    const value = readExpression(cursor);
    const word = cursor.text.slice(key.span.start, key.span.end);
    entries.push({ key: key.kind === "variable" || WORDS.has(word) ? { kind: "literal", value: word, span: key.span } : key, value });
    if (cursor.takes(",") || cursor.peeks("}") || cursor.atLineEnd()) continue;
    throw cursor.unexpected('a comma, a new line or a "}" is wanted after an item of an object');
  }
  return { kind: "object", entries, span: { start, end: cursor.at } };
}

/** A for-expression whose bracket was taken; undefined, and nothing taken, when it is none. */
function readFor(cursor: Cursor, start: number, close: "]" | "}"): ForExpression | undefined {
  const { at } = cursor;
  cursor.skipLines();
  if (!cursor.takesWord("for")) {
    cursor.at = at;
    return undefined;
  }
  return cursor.within(false, () => {
    const first = cursor.identifier();
    // `{ for = 1 }` is an object with that key.
    if (first === undefined) {
      cursor.at = at;
      return undefined;
    }
    const second = cursor.takes(",") ? cursor.identifier() : undefined;
    if (!cursor.takesWord("in")) throw cursor.unexpected('the word "in" is wanted after the names of a for-expression');
    const over = readExpression(cursor);
    cursor.wants(":", "after what a for-expression goes over");
    const one = readExpression(cursor);
    if (close === "}") cursor.wants("=>", "after the key");
    const value = close === "}" ? readExpression(cursor) : one;
    const grouped = close === "}" && cursor.takes("...");
    const condition = cursor.takesWord("if") ? readExpression(cursor) : undefined;
    cursor.wants(close, "after a for-expression");
    return {
      kind: "for",
      keyName: second === undefined ? undefined : first,
      valueName: second ?? first,
      over,
      key: close === "}" ? one : undefined,
      value,
      condition,
      grouped,
      span: { start, end: cursor.at },
    };
  });
}
