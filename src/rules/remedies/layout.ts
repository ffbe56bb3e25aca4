import { remembered } from "../../core/remembered.ts";
import type { SourceFile } from "../../core/span.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import { type ParsedYaml, parseYaml } from "../../yaml/parse.ts";
import { nodeAt, type Route } from "../../yaml/route.ts";
import { entryOf, resolved, type YamlEntry, type YamlMapping, type YamlScalar, type YamlSequence } from "../../yaml/tree.ts";

/** The file's own nodes, with what patches need and the model has not: styles, comments, aliases. Read once. */
export const layoutOf: (file: SourceFile) => ParsedYaml = remembered((file) => parseYaml(file));

/** The step or job itself; undefined when it is not written out there. */
export function mappingOf(place: StepPlace): YamlMapping | undefined {
  const node = nodeAt(layoutOf(place.file).root, place.route);
  return node?.kind === "mapping" ? node : undefined;
}

/** A key's value when it is a scalar that is written out there. */
export function scalarIn(mapping: YamlMapping | undefined, key: string): YamlScalar | undefined {
  const value = mapping && entryOf(mapping, key)?.value;
  return value?.kind === "scalar" ? value : undefined;
}

/** An entry of a mapping whose names are read without regard to case, as inputs are. */
export function inputOf(mapping: YamlMapping | undefined, name: string): YamlEntry | undefined {
  return mapping?.entries.find((entry) => entry.key.text.toLowerCase() === name.toLowerCase());
}

/** The list that a step is in. */
export interface StepList {
  readonly route: Route;
  readonly index: number;
  readonly node: YamlSequence;
  /** What the items stand for; undefined for one that is no mapping. */
  readonly steps: readonly (YamlMapping | undefined)[];
}

export function stepListOf({ file, route }: StepPlace): StepList | undefined {
  const index = route.at(-1);
  const node = nodeAt(layoutOf(file).root, route.slice(0, -1));
  if (typeof index !== "number" || node?.kind !== "sequence" || index >= node.items.length) return undefined;
  const steps = node.items.map((item) => {
    const step = resolved(item);
    return step?.kind === "mapping" ? step : undefined;
  });
  return { route: route.slice(0, -1), index, node, steps };
}

/** Whether two places are in the same list of steps. */
export const sameList = (a: StepPlace, b: StepPlace): boolean =>
  a.file.name === b.file.name && a.route.length === b.route.length && a.route.slice(0, -1).every((step, i) => step === b.route[i]);
