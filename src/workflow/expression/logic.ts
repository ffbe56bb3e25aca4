import { atomsOf, boolean, inBrackets, isBoolean, isUnknown, type Operand, sourceOf, truthinessOf } from "./unknowns.ts";

/**
 * `&&` and `||` of operands given one after the other, none asked for once the result is settled. What is sure is dropped; what is left
 * keeps its order. `&&` stops at false, `||` at true; both give the operand that settled it, as GitHub does.
 */
export function logical(operator: "&&" | "||", count: number, operandAt: (i: number) => Operand): Operand {
  const stops = operator === "||";
  const left: Operand[] = [];
  for (let i = 0; i < count; i++) {
    const operand = operandAt(i);
    const truth = truthinessOf(operand);
    if (truth === stops) {
      left.push(operand);
      break;
    }
    if (truth === undefined || i === count - 1) left.push(operand);
  }
  return joined(operator, stops, left);
}

function joined(operator: "&&" | "||", stops: boolean, all: readonly Operand[]): Operand {
  const last = all.at(-1) as Operand;
  if (all.length === 1) return last;
  const booleans = all.every(isBoolean);
  if (booleans && !isUnknown(last)) {
    // `x && false` is false; `x && true` is x.
    if (truthinessOf(last) === stops) return boolean(stops);
    return joined(operator, stops, all.slice(0, -1));
  }
  return {
    kind: "unknown",
    residual: `(${all.map(sourceOf).join(` ${operator} `)})`,
    atoms: atomsOf(all),
    truthiness: truthinessOf(last) === stops ? stops : undefined,
    isBoolean: booleans,
    isLeaf: false,
  };
}

export function not(operand: Operand): Operand {
  const truth = truthinessOf(operand);
  if (truth !== undefined) return boolean(!truth);
  if (!isUnknown(operand)) return operand;
  const residual = operand.residual.startsWith("!") && !operand.residual.includes(" ") ? `!${operand.residual}` : `!${inBrackets(operand)}`;
  return { kind: "unknown", residual, atoms: operand.atoms, truthiness: undefined, isBoolean: true, isLeaf: false };
}
