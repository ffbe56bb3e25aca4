import type { Expression, TemplatePart } from "../expression.ts";
import { BakeSyntaxError, Cursor } from "./cursor.ts";

export type ReadExpression = (cursor: Cursor) => Expression;

/** A piece of a template before directives are nested. */
type Piece =
  | { readonly kind: "text"; text: string }
  | { readonly kind: "insert"; readonly value: Expression }
  | { readonly kind: "if"; readonly condition: Expression; readonly at: number }
  | { readonly kind: "for"; readonly keyName: string | undefined; readonly valueName: string; readonly over: Expression; readonly at: number }
  | { readonly kind: "else" | "endif" | "endfor"; readonly at: number };

/** `"…"` at the cursor. */
export function readQuoted(cursor: Cursor, readExpression: ReadExpression): Expression {
  const start = cursor.at;
  cursor.at++;
  const pieces = readPieces(cursor, readExpression, "quoted");
  if (cursor.text[cursor.at] !== '"') throw new BakeSyntaxError("a text is not closed with a quote in its line", { start, end: start + 1 });
  cursor.at++;
  return templateOf(pieces, start, cursor.at);
}

/** `<<WORD` or `<<-WORD` at the cursor. */
export function readHeredoc(cursor: Cursor, readExpression: ReadExpression): Expression {
  const start = cursor.at;
  const head = /^<<(-?)([\p{ID_Start}_][\p{ID_Continue}-]*)[ \t]*\r?\n/u.exec(cursor.text.slice(start, start + 300));
  if (head === null) throw new BakeSyntaxError('a word and a new line are wanted after "<<"', { start, end: start + 2 });
  const [whole, dash, word] = head;
  const from = start + whole.length;
  for (let line = from; line < cursor.end; ) {
    const next = cursor.text.indexOf("\n", line);
    const stop = next === -1 || next > cursor.end ? cursor.end : next;
    const content = cursor.text.slice(line, stop);
    if (content.trim() === word) {
      const inner = new Cursor(cursor.text, from, line);
      inner.linesCount = false;
      const pieces = readPieces(inner, readExpression, "heredoc");
      // The line's end is left: it ends the attribute.
      cursor.at = line + content.trimEnd().length;
      return templateOf(dash === "-" ? withoutIndentation(pieces) : pieces, start, cursor.at);
    }
    line = stop + 1;
  }
  throw new BakeSyntaxError(`the text that begins with "<<${word}" has no line "${word}" that ends it`, { start, end: start + whole.trimEnd().length });
}

/** A text that is a template as a whole: a text of JSON. Everything in it gets the span of that text. */
export function readTemplate(text: string, span: { readonly start: number; readonly end: number }, readExpression: ReadExpression): Expression {
  if (!text.includes("${") && !text.includes("%{")) return { kind: "literal", value: text, span };
  const inner = new Cursor(text);
  inner.linesCount = false;
  const template = templateOf(readPieces(inner, readExpression, "bare"), 0, text.length);
  return moved(template, span);
}

function readPieces(cursor: Cursor, readExpression: ReadExpression, form: "quoted" | "heredoc" | "bare"): Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  /** Set by `~}`: the blanks that follow are left out, as far as to the line's end. */
  let trims = false;
  const flush = (): void => {
    const kept = trims ? text.trimStart() : text;
    if (kept !== "") pieces.push({ kind: "text", text: kept });
    if (text !== "") trims = false;
    text = "";
  };
  while (cursor.at < cursor.end) {
    const char = cursor.text[cursor.at] as string;
    if (form === "quoted" && (char === '"' || char === "\n")) break;
    const opens = (char === "$" || char === "%") && cursor.text[cursor.at + 1] === "{";
    if (opens) {
      const strips = cursor.text[cursor.at + 2] === "~";
      if (strips) text = text.trimEnd();
      flush();
      cursor.at += strips ? 3 : 2;
      pieces.push(
        cursor.within(false, () => (char === "$" ? { kind: "insert" as const, value: readExpression(cursor) } : readDirective(cursor, readExpression))),
      );
      cursor.within(false, () => cursor.skip());
      trims = cursor.takes("~");
      cursor.wants("}", "to end what stands within the text");
    } else if ((char === "$" || char === "%") && cursor.text.startsWith(`${char}{`, cursor.at + 1)) {
      text += `${char}{`;
      cursor.at += 3;
    } else if (form === "quoted" && char === "\\") {
      text += readEscape(cursor);
    } else {
      const plain = nextSpecial(cursor, form);
      text += cursor.text.slice(cursor.at, plain);
      cursor.at = plain;
      // Each line is a piece of its own, which is how far `~` reaches.
      if (form !== "quoted" && text.endsWith("\n")) flush();
    }
  }
  flush();
  return pieces;
}

function nextSpecial(cursor: Cursor, form: "quoted" | "heredoc" | "bare"): number {
  const special = form === "quoted" ? /["\n\\$%]/g : /[$%]|(?<=\n)/g;
  special.lastIndex = cursor.at + 1;
  return Math.min(special.exec(cursor.text)?.index ?? cursor.end, cursor.end);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

function readEscape(cursor: Cursor): string {
  const letter = cursor.text[cursor.at + 1] ?? "";
  const plain = ESCAPES[letter];
  const digits = letter === "u" ? 4 : letter === "U" ? 8 : 0;
  const hex = cursor.text.slice(cursor.at + 2, cursor.at + 2 + digits);
  const point = digits > 0 && hex.length === digits && /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : -1;
  if (plain === undefined && (point < 0 || point > 0x10ffff)) {
    const span = { start: cursor.at, end: cursor.at + 2 };
    throw new BakeSyntaxError(`"\\${letter}" means nothing in a text: \\n, \\r, \\t, \\", \\\\, \\u and \\U do`, span);
  }
  cursor.at += 2 + digits;
  return plain ?? String.fromCodePoint(point);
}

function readDirective(cursor: Cursor, readExpression: ReadExpression): Piece {
  const { at } = cursor;
  const word = cursor.identifier();
  if (word === "if") return { kind: "if", condition: readExpression(cursor), at };
  if (word === "else" || word === "endif" || word === "endfor") return { kind: word, at };
  if (word !== "for") throw new BakeSyntaxError('one of "if", "else", "endif", "for" and "endfor" is wanted after "%{"', { start: at, end: at + 1 });
  const first = cursor.identifier();
  const second = cursor.takes(",") ? cursor.identifier() : undefined;
  if (first === undefined || !cursor.takesWord("in")) throw cursor.unexpected('a name and the word "in" are wanted after "for"');
  return { kind: "for", keyName: second === undefined ? undefined : first, valueName: second ?? first, over: readExpression(cursor), at };
}

function templateOf(pieces: readonly Piece[], start: number, end: number): Expression {
  const span = { start, end };
  const nested = nest(pieces);
  if (nested.some((part) => part.kind !== "text")) return { kind: "template", parts: nested, span };
  return { kind: "literal", value: nested.map((part) => (part.kind === "text" ? part.text : "")).join(""), span };
}

type Frame = { parts: TemplatePart[]; yes: TemplatePart[] | undefined; readonly of: Piece | undefined };

/** Directives with what they enclose. */
function nest(pieces: readonly Piece[]): readonly TemplatePart[] {
  const frames: Frame[] = [{ parts: [], yes: undefined, of: undefined }];
  for (const piece of pieces) {
    const frame = frames.at(-1) as Frame;
    if (piece.kind === "text" || piece.kind === "insert") frame.parts.push(piece);
    else if (piece.kind === "if" || piece.kind === "for") frames.push({ parts: [], yes: undefined, of: piece });
    else closeFrame(frames, frame, piece);
  }
  const open = frames.at(-1)?.of;
  if (open !== undefined && "at" in open)
    throw new BakeSyntaxError(`"%{ ${open.kind} }" is not closed with "%{ end${open.kind} }"`, { start: open.at, end: open.at + 2 });
  return frames[0]?.parts ?? [];
}

function closeFrame(frames: Frame[], frame: Frame, piece: Extract<Piece, { readonly kind: "else" | "endif" | "endfor" }>): void {
  const { of } = frame;
  const outer = frames.at(-2);
  if (piece.kind === "else" && of?.kind === "if" && frame.yes === undefined) {
    frame.yes = frame.parts;
    frame.parts = [];
  } else if (piece.kind === "endif" && of?.kind === "if") {
    frames.pop();
    outer?.parts.push({ kind: "if", condition: of.condition, yes: frame.yes ?? frame.parts, no: frame.yes === undefined ? [] : frame.parts });
  } else if (piece.kind === "endfor" && of?.kind === "for") {
    frames.pop();
    outer?.parts.push({ kind: "for", keyName: of.keyName, valueName: of.valueName, over: of.over, body: frame.parts });
  } else throw new BakeSyntaxError(`"%{ ${piece.kind} }" closes nothing that stands before it`, { start: piece.at, end: piece.at + 2 });
}

/** `<<-`: the indentation that all lines share goes. Each line's text is a piece of its own. */
function withoutIndentation(pieces: readonly Piece[]): readonly Piece[] {
  const startsLine = (i: number): boolean => {
    const before = pieces[i - 1];
    return i === 0 || (before?.kind === "text" && before.text.endsWith("\n"));
  };
  let least = Number.POSITIVE_INFINITY;
  pieces.forEach((piece, i) => {
    if (!startsLine(i)) return;
    const indentation = piece.kind === "text" ? (/^[ \t]*/.exec(piece.text)?.[0].length ?? 0) : 0;
    // A line of nothing has none.
    if (piece.kind !== "text" || piece.text.trim() !== "" || !piece.text.endsWith("\n")) least = Math.min(least, indentation);
  });
  if (least === 0 || least === Number.POSITIVE_INFINITY) return pieces;
  const indentation = new RegExp(`^[ \\t]{0,${least}}`);
  return pieces.map((piece, i) => (piece.kind === "text" && startsLine(i) ? { kind: "text", text: piece.text.replace(indentation, "") } : piece));
}

/** The expression with one span everywhere: its own offsets are of a text that is no file. */
function moved<T>(value: T, span: { readonly start: number; readonly end: number }): T {
  if (Array.isArray(value)) return value.map((item) => moved(item, span)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === "span" ? span : moved(inner, span)])) as T;
}
