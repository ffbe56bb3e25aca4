import type { Span } from "../core/span.ts";

/** A `${{ … }}` of a workflow, as it stands in a script. */
export interface Expression {
  /** Inside the braces, trimmed. */
  readonly text: string;
  readonly span: Span;
}

/**
 * Finds GitHub's expressions and covers each with as many underscores, so that the rest can be read as shell with its offsets kept.
 * `}}` inside an expression's quoted text does not end it; an expression without end is no expression.
 */
export function maskExpressions(text: string): { readonly masked: string; readonly expressions: readonly Expression[] } {
  const expressions: Expression[] = [];
  let masked = "";
  let from = 0;
  for (let start = text.indexOf("${{"); start !== -1; start = text.indexOf("${{", from)) {
    const end = endOf(text, start + 3);
    if (end === undefined) break;
    expressions.push({ text: text.slice(start + 3, end - 2).trim(), span: { start, end } });
    masked += text.slice(from, start) + "_".repeat(end - start);
    from = end;
  }
  return { masked: masked + text.slice(from), expressions };
}

function endOf(text: string, from: number): number | undefined {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "'") {
      const close = text.indexOf("'", i + 1);
      if (close === -1) return undefined;
      i = close;
    } else if (text.startsWith("}}", i)) return i + 2;
  }
  return undefined;
}
