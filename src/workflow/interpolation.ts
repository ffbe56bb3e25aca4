import type { Span } from "../core/span.ts";
import type { Scalar } from "./tree.ts";

/**
 * Where each `${{ }}` of a text stands, braces included; one that is not closed is not counted.
 * A `}}` within a quoted string of the expression does not close it.
 */
export function expressionsWithin(text: string): readonly Span[] {
  const found: Span[] = [];
  for (let start = text.indexOf("${{"); start !== -1; ) {
    const end = closing(text, start + 3);
    if (end === -1) break;
    found.push({ start, end });
    start = text.indexOf("${{", end);
  }
  return found;
}

function closing(text: string, from: number): number {
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "'") quoted = !quoted;
    else if (!quoted && text[i] === "}" && text[i - 1] === "}" && i > from) return i + 1;
  }
  return -1;
}

/** A scalar as a sequence of literal texts and expressions (their source, trimmed). */
export function partsOf(scalar: Scalar): readonly ({ readonly literal: string } | { readonly expression: string })[] {
  const parts: ({ literal: string } | { expression: string })[] = [];
  let at = 0;
  for (const { within, text } of scalar.expressions) {
    if (within.start > at) parts.push({ literal: scalar.text.slice(at, within.start) });
    parts.push({ expression: text });
    at = within.end;
  }
  if (at < scalar.text.length) parts.push({ literal: scalar.text.slice(at) });
  return parts;
}

/**
 * The one expression that a scalar stands for: its only `${{ }}`, else what GitHub makes of mixed text, a `format(…)`.
 * A text without any is a string literal.
 */
export function asExpression(scalar: Scalar): string {
  const parts = partsOf(scalar);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && "expression" in only) return only.expression;
  if (scalar.expressions.length === 0) return quoted(scalar.text);
  const args: string[] = [];
  const pattern = parts.map((part) => ("literal" in part ? part.literal.replace(/[{}]/g, "$&$&") : `{${args.push(part.expression) - 1}}`)).join("");
  return `format(${[quoted(pattern), ...args].join(", ")})`;
}

/** A text as a string literal of the expression language. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
