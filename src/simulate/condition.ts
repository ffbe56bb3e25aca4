import { evaluateCondition } from "../workflow/expression/evaluate.ts";
import { truthOf } from "../workflow/expression/value.ts";
import type { Condition } from "../workflow/model.ts";
import type { Scope } from "./evaluate-text.ts";

/** Whether a condition holds; `unknown` with what to assume to get further, if anything. */
export type Truth = { readonly kind: "true" } | { readonly kind: "false" } | { readonly kind: "unknown"; readonly atoms: readonly string[] };

const TRUE: Truth = { kind: "true" };
const FALSE: Truth = { kind: "false" };

/**
 * Whether a job or step runs.
 * @param status  what `success()` says of what came before; `skipped` of a job that needs one that does not run
 */
export function conditionHolds(condition: Condition | undefined, scope: Scope, status: "success" | "skipped" = "success"): Truth {
  if (condition === undefined) return status === "success" ? TRUE : FALSE;
  const value = evaluateCondition(condition, scope.contexts, {
    status: status === "success" ? "success" : undefined,
    assumptions: status === "success" ? scope.assumptions : new Map([...scope.assumptions, ...NOTHING_WENT_WELL]),
  });
  if (value.kind === "unknown") scope.saw(value.atoms);
  const truth = truthOf(value);
  if (truth !== undefined) return truth ? TRUE : FALSE;
  return { kind: "unknown", atoms: value.kind === "unknown" ? value.atoms : [] };
}

/** A job after a skipped one: no success, but no failure either. */
const NOTHING_WENT_WELL: readonly (readonly [string, boolean])[] = [
  ["success()", false],
  ["failure()", false],
  ["cancelled()", false],
];
