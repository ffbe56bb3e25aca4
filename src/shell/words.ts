import type { Span } from "../core/span.ts";
import type { Expression } from "./expressions.ts";
import type { Part, Word } from "./script.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** What reading words needs to know of the script. */
export interface WordContext {
  /** The text that was parsed, expressions masked; as long as the script's. */
  readonly masked: string;
  /** In order. */
  readonly expressions: readonly Expression[];
  /** A substitution was met: its commands belong to the script. */
  substitution(node: SyntaxNode): void;
}

/** How the characters of a stretch of literal text are written. */
type Style = "plain" | "double" | "single" | "ansi" | "here" | "pattern";

const ESCAPABLE: Readonly<Record<Style, RegExp | undefined>> = {
  plain: /\\(\r?\n|[\s\S]|$)/g,
  double: /\\(\r?\n|[$`"\\])/g,
  here: /\\(\r?\n|[$`\\])/g,
  pattern: undefined,
  single: undefined,
  ansi: /\\([\s\S])/g,
};
const ANSI: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", e: "\x1b", f: "\f", v: "\v" };
const PARAMETER = /^\$\{([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(\[[@*]\])?(:?[-+=?]|##?|%%?|,,?|\^\^?|\/\/?)?/;
/** `{a,b}` and `{1..3}` make several words of one. */
const BRACES = /\{[^{}\s]*\}/g;

/** A word of the nodes that stand together (usually one), as the shell would see it. */
export function readWord(nodes: readonly SyntaxNode[], context: WordContext): Word {
  const span = { start: nodes[0]?.start ?? 0, end: nodes.at(-1)?.end ?? 0 };
  const parts = joinText(nodes.flatMap((node) => partsOf(node, false, context)));
  const bare = parts.map((part) => (part.kind === "text" && !part.quoted ? part.text : "x")).join("");
  if ((bare.match(BRACES) ?? []).some((braces) => braces.includes(",") || braces.includes("..")))
    return { parts: [{ kind: "unknown", text: context.masked.slice(span.start, span.end), quoted: false, span }], span };
  return { parts, span };
}

/** The body of a here-document; nothing is expanded in it when its delimiter was quoted. */
export function readHereBody(node: SyntaxNode, verbatim: boolean, context: WordContext): Word {
  const span = { start: node.start, end: node.end };
  return { parts: joinText(range(span, verbatim ? [] : node.children, verbatim ? "single" : "here", true, context)), span };
}

function partsOf(node: SyntaxNode, quoted: boolean, context: WordContext): Part[] {
  const span = { start: node.start, end: node.end };
  const inner = (start: number, end: number): Span => ({ start: Math.min(node.start + start, node.end), end: Math.max(node.start + start, node.end - end) });
  switch (node.type) {
    case "word":
    case "number":
    case "variable_name":
    case "special_variable_name":
    case "extglob_pattern":
    case "regex":
    case "test_operator":
    case "file_descriptor":
    case "command_name":
    case "concatenation":
      return range(span, node.children, "plain", quoted, context);
    case "string":
    case "translated_string":
      return quotes(span, range(inner(context.masked[node.start] === "$" ? 2 : 1, 1), node.children, "double", true, context));
    case "raw_string":
      return quotes(span, range(inner(1, 1), [], "single", true, context));
    case "ansi_c_string":
      return quotes(span, range(inner(2, 1), [], "ansi", true, context));
    case "string_content":
    case "heredoc_content":
      return range(span, [], "double", true, context);
    case "simple_expansion":
      return [variable(context.masked.slice(node.start + 1, node.end), node, quoted, context)];
    case "expansion":
      return [parameter(node, quoted, context)];
    case "command_substitution":
    case "process_substitution":
      context.substitution(node);
      return [{ kind: "substitution", quoted, span }];
    default:
      if (!node.named && node.children.length === 0) return range(span, [], "plain", quoted, context);
      nestedSubstitutions(node, context);
      return [{ kind: "unknown", text: context.masked.slice(node.start, node.end), quoted, span }];
  }
}

/** Commands inside something that is not read any further still run. */
export function nestedSubstitutions(node: SyntaxNode, context: WordContext): void {
  for (const child of node.children) {
    if (child.type === "command_substitution" || child.type === "process_substitution") context.substitution(child);
    else nestedSubstitutions(child, context);
  }
}

/** Parts of a stretch: what the children are, and literal text between them (the grammar leaves out some of it, so that it is taken from the script). */
function range(span: Span, children: readonly SyntaxNode[], style: Style, quoted: boolean, context: WordContext): Part[] {
  const parts: Part[] = [];
  let at = span.start;
  for (const child of children) {
    if (!child.named || child.type === "string_content" || child.type === "heredoc_content" || child.start < at || child.end > span.end) continue;
    if (child.start > at) parts.push(...literal({ start: at, end: child.start }, style, quoted, context));
    parts.push(...partsOf(child, quoted, context));
    at = child.end;
  }
  if (at < span.end) parts.push(...literal({ start: at, end: span.end }, style, quoted, context));
  return parts;
}

/** An empty quoted text is a word all the same, and a quoted part. */
const quotes = (span: Span, parts: Part[]): Part[] => (parts.length === 0 ? [{ kind: "text", text: "", quoted: true, span }] : parts);

function literal(span: Span, style: Style, quoted: boolean, context: WordContext): Part[] {
  const parts: Part[] = [];
  let at = span.start;
  const upTo = (end: number): void => {
    if (end > at) parts.push({ kind: "text", text: unescaped(context.masked.slice(at, end), style), quoted, span: { start: at, end } });
  };
  for (const expression of within(span, context.expressions)) {
    upTo(expression.span.start);
    parts.push({ kind: "expression", text: expression.text, quoted, span: expression.span });
    at = expression.span.end;
  }
  upTo(span.end);
  return parts;
}

/** The expressions that lie wholly in a stretch. */
function within(span: Span, expressions: readonly Expression[]): readonly Expression[] {
  const found: Expression[] = [];
  for (let i = firstEndingAfter(span.start, expressions); i < expressions.length; i++) {
    const one = expressions[i] as Expression;
    if (one.span.end > span.end) break;
    if (one.span.start >= span.start) found.push(one);
  }
  return found;
}

function unescaped(text: string, style: Style): string {
  const escapable = ESCAPABLE[style];
  if (escapable === undefined || !text.includes("\\")) return text;
  return text.replace(escapable, (_, character: string) => {
    if (style === "ansi") return ANSI[character] ?? character;
    return character.endsWith("\n") ? "" : character;
  });
}

function variable(name: string, node: SyntaxNode, quoted: boolean, context: WordContext): Part {
  const span = { start: node.start, end: node.end };
  if (touchesExpression(span, context)) return { kind: "unknown", text: context.masked.slice(node.start, node.end), quoted, span };
  return { kind: "variable", name, all: name === "@" || name === "*", operator: undefined, operand: [], quoted, span };
}

function parameter(node: SyntaxNode, quoted: boolean, context: WordContext): Part {
  const span = { start: node.start, end: node.end };
  const text = context.masked.slice(node.start, node.end);
  const [head, name, all, operator] = PARAMETER.exec(text) ?? [];
  const headSpan = { start: node.start, end: node.start + (head?.length ?? 0) };
  if (head === undefined || name === undefined || touchesExpression(headSpan, context) || (operator === undefined && head.length + 1 !== text.length)) {
    nestedSubstitutions(node, context);
    return { kind: "unknown", text, quoted, span };
  }
  const rest = { start: headSpan.end, end: Math.max(headSpan.end, node.end - 1) };
  const style = quoted ? "double" : "plain";
  const operand =
    operator === undefined
      ? []
      : joinText(
          range(
            rest,
            node.children.filter(({ start }) => start >= headSpan.end),
            style,
            quoted,
            context,
          ),
        );
  return { kind: "variable", name, all: all !== undefined || name === "@" || name === "*", operator, operand, quoted, span };
}

function touchesExpression(span: Span, { expressions }: WordContext): boolean {
  const next = expressions[firstEndingAfter(span.start, expressions)];
  return next !== undefined && next.span.start < span.end;
}

/** The number of the first expression that ends behind an offset. */
function firstEndingAfter(offset: number, expressions: readonly Expression[]): number {
  let [low, high] = [0, expressions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((expressions[middle] as Expression).span.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Neighbouring pieces of text with the same quoting are one. */
function joinText(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last?.kind === "text" && part.kind === "text" && last.quoted === part.quoted && last.span.end === part.span.start) {
      joined[joined.length - 1] = { ...last, text: last.text + part.text, span: { start: last.span.start, end: part.span.end } };
    } else joined.push(part);
  }
  return joined;
}
