import type { FileEdit } from "../../findings/finding.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import type { ScalarValue, YamlMapping } from "../../yaml/tree.ts";
import { mappingOf, type StepList, sameList, scalarIn, stepListOf } from "./layout.ts";
import { yamlEdit } from "./yaml-edit.ts";

/** A step to another place of its list: directly before another. Undefined when it is there, they are in different lists, or what it jumps over hands it something (or it them). */
export function moveStep(step: StepPlace, before: StepPlace): FileEdit | undefined {
  const list = stepListOf(step);
  const target = stepListOf(before)?.index;
  if (list === undefined || target === undefined || !sameList(step, before)) return undefined;
  const to = target > list.index ? target - 1 : target;
  if (to === list.index || !mayJump(step, list, to)) return undefined;
  return yamlEdit(step, { op: "move", at: step.route, to });
}

function mayJump({ file }: StepPlace, { steps, index }: StepList, to: number): boolean {
  const moved = steps[index];
  if (moved === undefined) return false;
  const isUp = to < index;
  const jumped = steps.slice(Math.min(index + 1, to), Math.max(index, to + 1));
  const textOf = ({ span }: YamlMapping): string => file.text.slice(span.start, span.end);
  return jumped.every((other) => {
    if (other === undefined) return false;
    const [later, earlier] = isUp ? [moved, other] : [other, moved];
    const id = scalarIn(earlier, "id")?.text;
    if (id !== undefined && namesStep(textOf(later), id)) return false;
    // A local action is there only after a checkout.
    return !(scalarIn(later, "uses")?.text.startsWith("./") === true && /^actions\/checkout@/i.test(scalarIn(earlier, "uses")?.text ?? ""));
  });
}

function namesStep(text: string, id: string): boolean {
  for (const [, dotted, quoted] of text.matchAll(/\bsteps\s*(?:\.\s*([\w-]+)|\[\s*'([^']*)'\s*\])/gi)) {
    if ((dotted ?? quoted)?.toLowerCase() === id.toLowerCase()) return true;
  }
  return false;
}

/** Takes the step out. */
export function removeStep(step: StepPlace): FileEdit | undefined {
  return stepListOf(step) === undefined ? undefined : yamlEdit(step, { op: "remove", at: step.route });
}

/** The condition of a step, as it is to stand behind `if:`; undefined when it has none. */
export function conditionOf(step: StepPlace): string | boolean | undefined {
  return conditionIn(mappingOf(step));
}

/** The `if` of a step's mapping, on one line where it is one. */
export function conditionIn(step: YamlMapping | undefined): string | boolean | undefined {
  const node = scalarIn(step, "if");
  if (node === undefined || node.text.trim() === "") return undefined;
  return typeof node.value === "boolean" ? node.value : node.text.trim();
}

/** The condition of one step for another, in place of its own; undefined when they have the same one. */
export function copyCondition(from: StepPlace, to: StepPlace): FileEdit | undefined {
  const condition = conditionOf(from);
  return condition === undefined ? removeCondition(to) : setCondition(to, condition);
}

/** An `if` for a step or job, in place of its own; undefined when it has that one. */
export function setCondition(step: StepPlace, condition: ScalarValue): FileEdit | undefined {
  const mapping = mappingOf(step);
  if (mapping === undefined || conditionIn(mapping) === condition) return undefined;
  const key = "if";
  if (mapping.entries.some((entry) => entry.key.text === key)) return yamlEdit(step, { op: "set", at: [...step.route, key], value: condition });
  const heads = mapping.entries.filter((entry) => entry.key.text === "name" || entry.key.text === "id");
  const after = heads.at(-1)?.key.text ?? mapping.entries[0]?.key.text;
  return yamlEdit(step, { op: "add", at: step.route, key, value: condition, after });
}

/** Takes the `if` of a step (or job) away; undefined when it has none. */
export function removeCondition(step: StepPlace): FileEdit | undefined {
  const mapping = mappingOf(step);
  if (mapping === undefined || !mapping.entries.some((entry) => entry.key.text === "if")) return undefined;
  return yamlEdit(step, { op: "remove", at: [...step.route, "if"] });
}
