import type { Input } from "./model.ts";
import { childOf, entriesOf, type Node, scalarOf, scalarsOf } from "./tree.ts";

const TYPES: readonly string[] = ["string", "boolean", "number", "choice", "environment"] satisfies Input["type"][];

/** The inputs of a workflow's `workflow_dispatch` or `workflow_call`, or of an action. */
export function readInputs(node: Node | undefined): readonly Input[] {
  return entriesOf(node).map(({ key, value }) => {
    const type = scalarOf(value, "type")?.text ?? "string";
    return {
      name: key,
      node: value,
      type: (TYPES.includes(type) ? type : "string") as Input["type"],
      required: scalarOf(value, "required")?.text.toLowerCase() === "true",
      default: scalarOf(value, "default"),
      options: scalarsOf(childOf(value, "options")),
      deprecation: scalarOf(value, "deprecationMessage"),
    };
  });
}
