import { FILTER_KEYS, type Trigger } from "./model.ts";
import { readInputs } from "./read-inputs.ts";
import { childOf, entriesOf, type Node, type Scalar, scalarOf, scalarsOf } from "./tree.ts";

/** The events of `on:`, which may be one name, a list of names or a mapping; each event once. */
export function readTriggers(on: Node | undefined): readonly Trigger[] {
  const all = on?.kind === "mapping" ? on.entries.map(({ key, value }) => readTrigger(key, value)) : scalarsOf(on).map((key) => readTrigger(key, undefined));
  return all.filter(({ event }, i) => all.findIndex((other) => other.event === event) === i);
}

function readTrigger(key: Scalar, node: Node | undefined): Trigger {
  const filters: Partial<Record<(typeof FILTER_KEYS)[number], readonly Scalar[]>> = {};
  for (const name of FILTER_KEYS) {
    const value = childOf(node, name);
    if (value !== undefined) filters[name] = scalarsOf(value);
  }
  const types = childOf(node, "types");
  return {
    event: key.text,
    key,
    node,
    filters,
    types: types === undefined ? undefined : scalarsOf(types),
    inputs: readInputs(childOf(node, "inputs")),
    secrets: entriesOf(childOf(node, "secrets")),
    cron: node?.kind === "sequence" ? node.items.flatMap((item) => scalarOf(item, "cron") ?? []) : [],
  };
}
