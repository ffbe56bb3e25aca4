import type { Complaint } from "../core/complaint.ts";
import { type Contexts, type Given, UNKNOWN, UnknownOf } from "../workflow/expression/data.ts";
import type { Action, Step } from "../workflow/model.ts";
import { childOf, type Node } from "../workflow/tree.ts";
import { givenOf, type Scope, textOfScalar } from "./evaluate-text.ts";
import { givenInputs, type StepMoment } from "./step-work.ts";
import { knownText, type Text } from "./text.ts";
import { DEEPEST_COMPOSITE } from "./walk-limits.ts";

/** A composite action of the repository, as a step uses it. */
export interface CompositeCall {
  readonly action: Action;
  /** Folder of the action. */
  readonly path: string;
  readonly steps: readonly Step[];
  readonly positions: readonly number[];
  readonly inputs: ReadonlyMap<string, Text>;
  readonly contexts: Contexts;
  /** Whether it is worth to know if it runs. */
  readonly matters: boolean;
}

const ABOUT_IMAGES = /docker|buildx|buildkit|buildah|podman|qemu|binfmt|bake|uses\s*:/i;

/** Contexts that an action sees as they are outside. */
const SEEN_WITHIN = ["github", "matrix", "strategy", "job", "runner"];

/** The composite action that a step uses, when its file is at hand; cycles and too deep ones are complained about, and not followed. */
export function compositeCallOf(step: Step, stack: readonly string[], { scope, setting }: StepMoment): CompositeCall | undefined {
  const target = step.uses?.target;
  if (step.uses === undefined || target?.kind !== "local") return undefined;
  const action = setting.study.sources.action(target.path);
  if (action?.runs.kind !== "composite") return undefined;
  const circle = stack.includes(target.path);
  if (circle || stack.length >= DEEPEST_COMPOSITE) {
    const chain = [...stack, target.path].map((path) => `"./${path}"`);
    const message = circle
      ? `the action ${chain.at(-1)} uses itself: ${shortened(chain.slice(stack.indexOf(target.path)))}`
      : `actions are nested deeper than the ${DEEPEST_COMPOSITE} levels that GitHub allows: ${shortened(chain)}`;
    const complaint: Complaint = { code: "workflow-syntax", severity: "error", message, place: { file: scope.file, span: step.uses.scalar.span } };
    setting.study.readers.complain([complaint]);
    return undefined;
  }
  const outside = Object.fromEntries(SEEN_WITHIN.map((name): [string, Given] => [name, scope.contexts[name] ?? UNKNOWN]));
  const inputs = inputsOfCall(step, action, scope, { ...scope, file: action.file, contexts: outside });
  return {
    action,
    path: target.path,
    steps: action.runs.steps,
    positions: positionsOf(childOf(action.runs.node, "steps")),
    inputs,
    contexts: { ...outside, inputs: Object.fromEntries([...inputs].map(([name, text]): [string, Given] => [name, givenOf(text)])) },
    matters: ABOUT_IMAGES.test(action.file.text),
  };
}

/** Where the steps of a list stand in it: what is no mapping is no step. */
export const positionsOf = (steps: Node | undefined): readonly number[] =>
  steps?.kind === "sequence" ? steps.items.flatMap((item, i) => (item.kind === "mapping" ? [i] : [])) : [];

function inputsOfCall(step: Step, action: Action, caller: Scope, own: Scope): ReadonlyMap<string, Text> {
  const inputs = new Map<string, Text>();
  for (const input of action.inputs) {
    const place = { file: action.file, span: input.name.span };
    inputs.set(input.name.text.toLowerCase(), input.default === undefined ? knownText("", place) : textOfScalar(input.default, own));
  }
  for (const { name, value } of givenInputs(step, caller)) inputs.set(name.toLowerCase(), value);
  return inputs;
}

/** The action's `outputs`, once its steps are done. */
export function compositeOutputs({ action }: CompositeCall, scope: Scope): Given {
  return Object.fromEntries(
    action.outputs.flatMap(({ name, value }): [string, Given][] => (value === undefined ? [] : [[name.text, outside(givenOf(textOfScalar(value, scope)))]])),
  );
}

/** `steps.x` of the action is not that of whoever uses it. */
const outside = (given: Given): Given =>
  given instanceof UnknownOf && /\b(?:steps|inputs|env)\b/.test(given.source ?? "") ? new UnknownOf(undefined, given.atoms, given) : given;

const shortened = (chain: readonly string[]): string => (chain.length <= 4 ? chain : [...chain.slice(0, 3), "…"]).join(" → ");
