import type { Place } from "../core/span.ts";
import { isHarmless, versionOf } from "../facts/actions.ts";
import type { Given } from "../workflow/expression/data.ts";
import { open } from "../workflow/expression/data.ts";
import type { RunDefaults, Step } from "../workflow/model.ts";
import type { Uses } from "../workflow/uses.ts";
import type { ActionStep } from "./action-model.ts";
import { actionModelFor } from "./actions/registry.ts";
import type { Environment } from "./environment.ts";
import { givenOf, type Scope, textOfExpression, textOfScalar } from "./evaluate-text.ts";
import { githubFactsOf, githubVariablesOf } from "./github-facts.ts";
import { defaultInputs, type GivenInput, inputsOf } from "./inputs.ts";
import { mergedVariables, type Variables } from "./job-variables.ts";
import type { Doubt, Operation } from "./operation.ts";
import { operationsOfScript } from "./script/operations.ts";
import { type Text, textOf } from "./text.ts";
import type { JobSetting } from "./walk-setting.ts";

/** What a step does, but for composite actions. */
export interface StepWork {
  /** `owner/repo[/path]` in lower case. */
  readonly action: string | undefined;
  readonly inputs: ReadonlyMap<string, Text>;
  readonly operations: readonly { readonly operation: Operation; readonly sure: boolean }[];
  /** The `outputs` of its `steps` context. */
  readonly outputs: Given;
  /** It may set variables of which nobody knows. */
  readonly opensVariables: boolean;
}

/** Where a step is done. */
export interface StepMoment {
  readonly setting: JobSetting;
  readonly scope: Scope;
  readonly environment: Environment;
  /** What the step sees, its own `env` included. */
  readonly variables: Variables;
  /** Unique within the job. */
  readonly id: string;
  /** `defaults.run` that hold for it, the nearest first. */
  readonly defaults: readonly RunDefaults[];
}

const NOTHING: StepWork = { action: undefined, inputs: new Map(), operations: [], outputs: {}, opensVariables: false };

export function workOf(step: Step, moment: StepMoment): StepWork {
  if (step.uses !== undefined) return workOfUses(step, step.uses, moment);
  return step.run === undefined ? NOTHING : workOfScript(step, step.run, moment);
}

/** A step's `with`, its expressions filled in. */
export function givenInputs(step: Step, scope: Scope): readonly GivenInput[] {
  return step.with.map(({ key, value }) => ({
    name: key.text,
    // GitHub refuses a list there; it is given all the same.
    value:
      value.kind === "scalar" ? textOfScalar(value, scope) : { parts: [{ source: `$${key.text}`, atoms: [] }], place: { file: scope.file, span: value.span } },
    place: { file: scope.file, span: key.span },
  }));
}

function workOfUses(step: Step, uses: Uses, moment: StepMoment): StepWork {
  const { target } = uses;
  const given = givenInputs(step, moment.scope);
  if (target.kind === "repository") {
    const name = [target.owner, target.repo, target.path]
      .filter((part) => part !== "")
      .join("/")
      .toLowerCase();
    return workOfAction(name, target.ref, uses, given, moment);
  }
  const about: Doubt["about"] = target.kind === "docker" ? ["emulators", "image"] : "anything";
  return { ...NOTHING, inputs: byName(given), operations: [doubt(uses, about, moment)], outputs: open({}), opensVariables: true };
}

/** What a `uses` tells by itself, whatever the walk. */
interface ActionUsed {
  readonly place: Place;
  readonly major: number | undefined;
  readonly defaults: ReadonlyMap<string, Text>;
}

const used = new WeakMap<Uses, ActionUsed>();

function actionUsed(name: string, ref: string, uses: Uses, scope: Scope): ActionUsed {
  const known = used.get(uses);
  if (known !== undefined && known.place.file === scope.file) return known;
  const place: Place = { file: scope.file, span: uses.scalar.span };
  const major = versionOf(name, ref, commentBehind(uses, scope))?.major;
  const read: ActionUsed = { place, major, defaults: defaultInputs(name, major, place) };
  used.set(uses, read);
  return read;
}

function workOfAction(name: string, ref: string, uses: Uses, given: readonly GivenInput[], moment: StepMoment): StepWork {
  const { place, major, defaults } = actionUsed(name, ref, uses, moment.scope);
  const inputs = mergedVariables(defaults, byName(given));
  const model = actionModelFor(name);
  if (model === undefined) {
    const operations = isHarmless(name) === undefined ? [doubt(uses, "anything", moment)] : [];
    return { action: name, inputs, operations, outputs: open({}), opensVariables: true };
  }
  const { setting, id, variables, environment } = moment;
  const step: ActionStep = {
    place,
    ref,
    major,
    id,
    inputs: inputsOf(given, defaults),
    variables,
    github: githubFactsOf(moment.scope.contexts, setting.readsGithub),
    readers: setting.study.readers,
  };
  const outcome = model.model(step, environment);
  return {
    action: name,
    inputs,
    operations: outcome.operations.map((operation) => ({ operation, sure: true })),
    outputs: open(givens(outcome.outputs)),
    opensVariables: false,
  };
}

const byName = (given: readonly GivenInput[]): ReadonlyMap<string, Text> => {
  const inputs = new Map<string, Text>();
  for (const { name, value } of given) if (!inputs.has(name.toLowerCase())) inputs.set(name.toLowerCase(), value);
  return inputs;
};

/** What stands behind a `uses`, where pinned commits tell their version. */
function commentBehind({ scalar }: Uses, { file }: Scope): string | undefined {
  const end = file.text.indexOf("\n", scalar.span.end);
  return /^\s*#\s*(.*?)\s*$/.exec(file.text.slice(scalar.span.end, end === -1 ? undefined : end))?.[1];
}

function doubt(uses: Uses, about: Doubt["about"], { scope }: StepMoment): StepWork["operations"][number] {
  const operation: Doubt = {
    kind: "doubt",
    place: { file: scope.file, span: uses.scalar.span },
    sentence: `nobody knows what "${uses.scalar.text}" does to builders`,
    about,
  };
  return { operation, sure: true };
}

function workOfScript(step: Step, run: NonNullable<Step["run"]>, moment: StepMoment): StepWork {
  const { scope, setting, environment, id, defaults } = moment;
  const place = { file: scope.file, span: run.span };
  const github = githubVariablesOf(run.text, place, scope);
  if (github.size > 0) setting.readsGithub();
  const nearest = (key: keyof RunDefaults): Text | undefined => {
    const scalar = (key === "shell" ? step.shell : step.workingDirectory) ?? defaults.map((each) => each[key]).find((each) => each !== undefined);
    return scalar && textOfScalar(scalar, scope);
  };
  const outcome = operationsOfScript({
    run,
    file: scope.file,
    shell: textOf(nearest("shell")) ?? (environment.runner.os === "windows" ? "pwsh" : undefined),
    directory: directoryOf(nearest("workingDirectory")),
    variables: mergedVariables(github, moment.variables),
    expression: (source) => textOfExpression(source, place, scope),
    id,
    environment,
    readers: setting.study.readers,
  });
  const setsNamed = outcome.operations.some(({ operation }) => operation.kind === "set-variable");
  return {
    ...NOTHING,
    operations: outcome.operations,
    outputs: outcome.outputsOpen ? open(givens(outcome.outputs)) : givens(outcome.outputs),
    opensVariables: outcome.outputsOpen || (!setsNamed && /GITHUB_ENV|github\.env/.test(run.text)),
  };
}

const givens = (outputs: ReadonlyMap<string, Text>): Readonly<Record<string, Given>> =>
  Object.fromEntries([...outputs].map(([name, text]): [string, Given] => [name, givenOf(text)]));

/** Relative to the workspace, `""` for itself; undefined when unknown, or elsewhere. */
export function directoryOf(text: Text | undefined): string | undefined {
  if (text === undefined) return "";
  const [first, ...rest] = text.parts;
  const inWorkspace = typeof first === "object" && first.source === "github.workspace";
  const known = textOf(inWorkspace ? { ...text, parts: rest } : text)?.trim();
  if (known === undefined || (known.startsWith("/") && !inWorkspace) || /^[A-Za-z]:/.test(known)) return undefined;
  const parts: string[] = [];
  for (const part of known.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
