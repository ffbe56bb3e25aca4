import { asExpression } from "./interpolation.ts";
import type { Condition, Step } from "./model.ts";
import { childOf, entriesOf, type Mapping, type Node, scalarOf } from "./tree.ts";
import { parseUses } from "./uses.ts";

/** The steps of a job or a composite action; what is no mapping is left out. */
export function readSteps(node: Node | undefined): readonly Step[] {
  return node?.kind === "sequence" ? node.items.flatMap((item) => (item.kind === "mapping" ? [readStep(item)] : [])) : [];
}

function readStep(node: Mapping): Step {
  const uses = scalarOf(node, "uses");
  return {
    node,
    id: scalarOf(node, "id"),
    name: scalarOf(node, "name"),
    if: readCondition(node),
    uses: uses && parseUses(uses),
    with: entriesOf(childOf(node, "with")),
    run: scalarOf(node, "run"),
    shell: scalarOf(node, "shell"),
    workingDirectory: scalarOf(node, "working-directory"),
    env: childOf(node, "env"),
    continueOnError: scalarOf(node, "continue-on-error"),
    timeoutMinutes: scalarOf(node, "timeout-minutes"),
  };
}

/** The `if:` of a job or a step, which is an expression with or without its braces. */
export function readCondition(node: Mapping): Condition | undefined {
  const scalar = scalarOf(node, "if");
  if (scalar === undefined) return undefined;
  if (scalar.expressions.length === 0) return { scalar, expression: scalar.text.trim(), isText: false };
  const [only] = scalar.expressions;
  const whole = scalar.expressions.length === 1 && scalar.text.trim().length === (only?.within.end ?? 0) - (only?.within.start ?? 0);
  return { scalar, expression: whole ? (only?.text ?? "") : asExpression(scalar), isText: !whole };
}
