import { data as library } from "@actions/expressions";
import { equals, greaterThan, lessThan } from "@actions/expressions/result";
import { byCodeUnit } from "../../core/order.ts";
import type { Assumptions } from "./assumptions.ts";
import { not } from "./logic.ts";
import { boolean, composed, inBrackets, isBoolean, isUnknown, type Operand, sourceOf, truthinessOf } from "./unknowns.ts";

/** `==`, `!=`, `<`, `<=`, `>`, `>=` by GitHub's coercion; what is unknown on a side makes the comparison an atom, `==` for both `==` and `!=`. */
export function compare(operator: string, left: Operand, right: Operand, assumptions: Assumptions): Operand {
  if (operator === "!=") return not(compare("==", left, right, assumptions));
  if (!isUnknown(left) && !isUnknown(right)) return boolean(known(operator, left, right));
  // So that `'x' == a` and `a == 'x'` are one atom; two unknown sides are put in order below.
  if (operator === "==" && !isUnknown(left)) return compare("==", right, left, assumptions);
  if (operator === "==" && !isUnknown(right)) {
    const easy = equalsKnown(left, right);
    if (easy !== undefined) return easy;
  }
  const [first, second] = operator === "==" && isUnknown(right) && byCodeUnit(right.residual, sourceOf(left)) < 0 ? [right, left] : [left, right];
  return composed(`${inBrackets(first)} ${operator} ${inBrackets(second)}`, [first, second], assumptions, true);
}

function known(operator: string, left: library.ExpressionData, right: library.ExpressionData): boolean {
  if (operator === "==") return equals(left, right);
  if (operator === ">") return greaterThan(left, right);
  if (operator === "<") return lessThan(left, right);
  return equals(left, right) || (operator === ">=" ? greaterThan(left, right) : lessThan(left, right));
}

/** What comparing says that truth alone decides: a text is `''` exactly when it counts as false, a boolean is `true` exactly when it counts as true. */
function equalsKnown(left: Operand, right: library.ExpressionData): Operand | undefined {
  const empty = right.kind === library.Kind.String && (right as library.StringData).value === "";
  if (empty && !isBoolean(left)) return not(left);
  if (!isBoolean(left)) return undefined;
  const truth = [false, true].filter((value) => equals(new library.BooleanData(value), right));
  if (truth.length === 0) return boolean(false);
  if (truth.length === 2) return boolean(true);
  const [only] = truth;
  const negated = not(left);
  if (only === false) return negated;
  return truthinessOf(left) === undefined ? left : not(negated);
}
