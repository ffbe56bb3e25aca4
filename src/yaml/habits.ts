import { columnOf } from "./lines.ts";
import type { YamlNode } from "./tree.ts";

/** How a file is laid out, by what it does most often. */
export interface Habits {
  /** Columns that a mapping's keys stand right of the key they belong to. */
  readonly step: number;
  /** Columns that a sequence's dashes stand right of the key they belong to; often 0. */
  readonly sequence: number;
  readonly quote: "single" | "double";
}

export function habitsOf(text: string, root: YamlNode | undefined): Habits {
  const steps = new Map<number, number>();
  const sequences = new Map<number, number>();
  const quotes = { single: 0, double: 0 };
  const visit = (node: YamlNode): void => {
    if (node.kind === "scalar" && (node.style === "single" || node.style === "double")) quotes[node.style]++;
    if (node.kind === "sequence") node.items.forEach(visit);
    if (node.kind !== "mapping") return;
    for (const { key, value } of node.entries) {
      visit(value);
      if ((value.kind !== "mapping" && value.kind !== "sequence") || value.flow) continue;
      const indent = columnOf(text, value.span.start) - columnOf(text, key.span.start);
      const counts = value.kind === "mapping" ? steps : sequences;
      counts.set(indent, (counts.get(indent) ?? 0) + 1);
    }
  };
  if (root !== undefined) visit(root);
  steps.delete(0);
  const step = mostOften(steps) ?? 2;
  return { step, sequence: mostOften(sequences) ?? step, quote: quotes.single > quotes.double ? "single" : "double" };
}

function mostOften(counts: ReadonlyMap<number, number>): number | undefined {
  const [first] = [...counts].filter(([indent]) => indent >= 0).sort(([a, times], [b, others]) => others - times || a - b);
  return first?.[0];
}
