import type { FileEdit } from "../../findings/finding.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import type { YamlPatch } from "../../yaml/patch.ts";
import type { PlainValue } from "../../yaml/render.ts";
import { entryOf, type YamlMapping } from "../../yaml/tree.ts";
import { type StepList, scalarIn, stepListOf } from "./layout.ts";

/** A step to be put in. */
export interface NewStep {
  /** Left out where most steps of the list have no names. */
  readonly name: string;
  readonly uses: string;
  /** Behind `uses`, without `#`: the version of a pinned commit. */
  readonly comment?: string | undefined;
  readonly id?: string | undefined;
  /** As it is to stand behind `if:`. */
  readonly if?: string | boolean | undefined;
  readonly with?: { readonly [name: string]: PlainValue } | undefined;
}

/** Keys in the order in which most people write them. */
const KEYS = ["name", "id", "if", "uses", "with"] as const;

/**
 * Steps in front of, or behind, one that is there, with names and keys as their neighbours have them.
 * Undefined when the same steps stand there already, or the list cannot be edited.
 */
export function insertSteps(steps: readonly NewStep[], where: "before" | "after", place: StepPlace): FileEdit | undefined {
  const list = stepListOf(place);
  if (list === undefined || steps.length === 0) return undefined;
  const first = where === "before" ? list.index : list.index + 1;
  const there = where === "before" ? first - steps.length : first;
  if (steps.every((step, i) => isThere(step, list.steps[there + i]))) return undefined;
  const named = hasNames(list);
  const order = keyOrder(list.steps[list.index]);
  const patches = steps.flatMap((step, i): YamlPatch[] => {
    const at = [...list.route, first + i];
    const insert: YamlPatch = { op: "insert", at: list.route, index: first + i, value: asValue(step, named, order) };
    // Within brackets there is no room for a comment.
    if (step.comment === undefined || list.node.flow) return [insert];
    return [insert, { op: "comment", at: [...at, "uses"], text: step.comment }];
  });
  return { kind: "yaml", file: place.file, patches };
}

function isThere(step: NewStep, neighbour: YamlMapping | undefined): boolean {
  if (scalarIn(neighbour, "uses")?.text !== step.uses || scalarIn(neighbour, "if")?.value !== step.if) return false;
  const held = neighbour && entryOf(neighbour, "with")?.value;
  const given = held?.kind === "mapping" ? held : undefined;
  // The same action for another registry is another step.
  return Object.entries(step.with ?? {}).every(([name, value]) => typeof value === "object" || scalarIn(given, name)?.value === value);
}

function hasNames({ steps }: StepList): boolean {
  const named = steps.filter((step) => step !== undefined && entryOf(step, "name") !== undefined).length;
  return named * 2 >= steps.length;
}

/** {@link KEYS}, but those that the neighbour has, in its order. */
function keyOrder(neighbour: YamlMapping | undefined): readonly (typeof KEYS)[number][] {
  const written = neighbour?.entries.map(({ key }) => (key.text === "run" ? "uses" : key.text)) ?? [];
  const ours = written.filter((key): key is (typeof KEYS)[number] => KEYS.some((known) => known === key));
  const held = [...ours];
  return KEYS.map((key) => (ours.includes(key) ? (held.shift() ?? key) : key));
}

function asValue(step: NewStep, named: boolean, order: readonly (typeof KEYS)[number][]): PlainValue {
  const value: Record<string, PlainValue> = {};
  for (const key of order) {
    const given = step[key];
    if (given !== undefined && (key !== "name" || named)) value[key] = given;
  }
  return value;
}
