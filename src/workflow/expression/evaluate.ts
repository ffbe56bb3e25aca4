import { asExpression, partsOf } from "../interpolation.ts";
import type { Condition } from "../model.ts";
import type { Node, Scalar } from "../tree.ts";
import { type Assumptions, NO_ASSUMPTIONS } from "./assumptions.ts";
import { type Contexts, fromLibrary, type Given, toLibrary, UNKNOWN, UNKNOWN_BOOLEAN } from "./data.ts";
import { type JobStatus, PartialEvaluator } from "./evaluator.ts";
import { type Parsed, parseExpression } from "./parse.ts";
import { isUnknown } from "./unknowns.ts";
import type { TextValue, Unknown, Value } from "./value.ts";

export interface EvaluateOptions {
  /** What `success()`, `failure()` and `cancelled()` say; unknown when absent. */
  readonly status?: JobStatus | undefined;
  readonly assumptions?: Assumptions | undefined;
}

/**
 * Evaluates an expression (without `${{ }}`) as GitHub does, as far as it is known: the result where it does not hang on anything unknown,
 * else what it hangs on. Never throws: bad syntax, or data that does not fit (`fromJSON('{')`), is `invalid`.
 */
export function evaluate(expression: string | Parsed, contexts: Contexts, options: EvaluateOptions = {}): Value {
  const parsed = typeof expression === "string" ? parsedOnce(expression) : expression;
  if (!parsed.ok) return { kind: "invalid", mistake: parsed.mistake };
  try {
    const result = new PartialEvaluator(contexts, options.assumptions ?? NO_ASSUMPTIONS, options.status).evaluate(parsed.tree);
    return isUnknown(result) ? result : { kind: "known", data: fromLibrary(result) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: "invalid", mistake: { message: firstLine(error.message), span: { start: 0, end: parsed.text.length } } };
  }
}

/** Parsed texts kept: a workflow is walked many times over. */
const MOST_KEPT = 5000;
const kept = new Map<string, Parsed>();

function parsedOnce(text: string): Parsed {
  const known = kept.get(text);
  if (known !== undefined) return known;
  if (kept.size >= MOST_KEPT) kept.clear();
  const parsed = parseExpression(text);
  kept.set(text, parsed);
  return parsed;
}

/** The value of a scalar: its own when it has no expression, that of its only `${{ }}` when nothing stands around it, else a text. */
export function evaluateScalar(scalar: Scalar, contexts: Contexts, options: EvaluateOptions = {}): Value {
  return scalar.expressions.length === 0 ? { kind: "known", data: scalar.value } : evaluate(asExpression(scalar), contexts, options);
}

/** A scalar as text, its expressions filled in: what an input, a script or an environment variable becomes. */
export function evaluateText(scalar: Scalar, contexts: Contexts, options: EvaluateOptions = {}): TextValue {
  const parts: (string | Unknown)[] = [];
  const add = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + text;
    else if (text !== "") parts.push(text);
  };
  for (const part of partsOf(scalar)) {
    if ("literal" in part) {
      add(part.literal);
      continue;
    }
    const value = evaluate(part.expression, contexts, options);
    if (value.kind === "invalid") return value;
    if (value.kind === "known") add(toLibrary(value.data).coerceString());
    else parts.push(value);
  }
  return parts.every((part) => typeof part === "string") ? { kind: "known", text: parts.join("") } : { kind: "unknown", parts };
}

/** A whole tree with its expressions filled in; what is unknown or invalid within it stands as unknown. */
export function evaluateNode(node: Node, contexts: Contexts, options: EvaluateOptions = {}): Given {
  if (node.kind === "sequence") return node.items.map((item) => evaluateNode(item, contexts, options));
  if (node.kind === "mapping") return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, evaluateNode(value, contexts, options)]));
  const value = evaluateScalar(node, contexts, options);
  if (value.kind === "known") return value.data;
  return value.kind === "unknown" && value.isBoolean ? UNKNOWN_BOOLEAN : UNKNOWN;
}

const STATUS_CALL = /\b(?:success|failure|cancelled|always)\s*\(/i;

/** A condition of a job or a step, with the `success()` that GitHub puts before one that asks for no status. An absent one is `success()`. */
export function evaluateCondition(condition: Condition | undefined, contexts: Contexts, options: EvaluateOptions = {}): Value {
  const expression = condition?.expression ?? "";
  if (expression === "") return evaluate("success()", contexts, options);
  const withoutTexts = expression.replace(/'(?:[^']|'')*'/g, "''");
  return evaluate(STATUS_CALL.test(withoutTexts) ? expression : `success() && (${expression})`, contexts, options);
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.charAt(0).toLowerCase() + line.slice(1);
}
