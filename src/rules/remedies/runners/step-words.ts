import type { SourceFile } from "../../../core/span.ts";
import type { Step } from "../../../workflow/model.ts";
import { entriesOf, type Node } from "../../../workflow/tree.ts";

/** The action of a step as `owner/repo[/path]` in lower case; undefined where it is none. */
export function actionOf(step: Step): string | undefined {
  const target = step.uses?.target;
  if (target?.kind !== "repository") return undefined;
  return [target.owner, target.repo, ...(target.path === "" ? [] : [target.path])].join("/").toLowerCase();
}

/** An input as written, expressions and all; undefined where it is not given, or is no scalar. */
export function inputText(step: Step, name: string): string | undefined {
  const value = inputNode(step, name);
  return value?.kind === "scalar" ? value.text : undefined;
}

export const inputNode = (step: Step, name: string): Node | undefined => step.with.find(({ key }) => key.text.toLowerCase() === name)?.value;

/** An input's name as the step writes it. */
export const inputKey = (step: Step, name: string): string | undefined => step.with.find(({ key }) => key.text.toLowerCase() === name)?.key.text;

/** A step as it stands in the file. */
export const textOfStep = (file: SourceFile, step: Step): string => file.text.slice(step.node.span.start, step.node.span.end);

/** Ids of steps that a text names: `steps.meta.outputs.tags`, `steps['meta']`. */
export function stepsNamed(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, dotted, quoted] of text.matchAll(/\bsteps\s*(?:\.\s*([\w-]+)|\[\s*'([^']*)'\s*\])/gi)) found.add((dotted ?? quoted ?? "").toLowerCase());
  return found;
}

/** Variables that the expressions of a text name, in lower case: `env.IMAGE`. */
export const variablesNamed = (text: string): readonly string[] =>
  [...text.matchAll(/\benv\s*(?:\.\s*([\w-]+)|\[\s*'([^']*)'\s*\])/gi)].map(([, dotted, quoted]) => (dotted ?? quoted ?? "").toLowerCase());

/** How people read which step is meant. */
export const shownStep = (step: Step, index: number): string => `step ${index + 1} ("${step.name?.text ?? step.uses?.scalar.text ?? step.id?.text ?? "run"}")`;

/**
 * A text of a step as another step can say it: what it takes of its own `env` is written out. Undefined where that cannot be done.
 */
export function withoutOwnEnvironment(step: Step, text: string): string | undefined {
  const written = entriesOf(step.env).reduce((now, { key, value }) => {
    const place = new RegExp(String.raw`\$\{\{\s*env\s*\.\s*${key.text.replace(/\W/g, "\\$&")}\s*\}\}`, "gi");
    return value.kind === "scalar" ? now.replace(place, () => value.text) : now;
  }, text);
  const names = entriesOf(step.env).map(({ key }) => key.text.toLowerCase());
  return variablesNamed(written).some((name) => names.includes(name)) ? undefined : written;
}
