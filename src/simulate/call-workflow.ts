import type { Complaint } from "../core/complaint.ts";
import { type Contexts, type Given, memberOf, open, UNKNOWN, UNKNOWN_BOOLEAN, UnknownOf } from "../workflow/expression/data.ts";
import { evaluateScalar } from "../workflow/expression/evaluate.ts";
import type { Input, Job, Workflow } from "../workflow/model.ts";
import { readOutputs } from "../workflow/read-job.ts";
import { childOf, entriesOf, entryOf, type Scalar } from "../workflow/tree.ts";
import { givenOf, optionsOf, type Scope, textOfScalar } from "./evaluate-text.ts";
import { isShared, type JobResult, needState } from "./job-needs.ts";
import type { Text } from "./text.ts";
import { DEEPEST_CALL } from "./walk-limits.ts";
import type { StudySetting } from "./walk-setting.ts";

/** The workflow that a job calls, when its file is at hand; circles and too deep calls are complained about, and not followed. @param stack  paths of the workflows that led here */
export function calledWorkflow(job: Job, stack: readonly string[], scope: Scope, { sources, readers }: StudySetting): Workflow | undefined {
  const target = job.uses?.target;
  if (job.uses === undefined || target?.kind !== "local" || sources.kindOf(target.path) !== "workflow") return undefined;
  const circle = stack.includes(target.path);
  if (circle || stack.length >= DEEPEST_CALL) {
    const message = circle
      ? `the workflow "${target.path}" calls itself`
      : `workflows call each other deeper than the ${DEEPEST_CALL} levels that GitHub allows`;
    const complaint: Complaint = { code: "workflow-syntax", severity: "error", message, place: { file: scope.file, span: job.uses.scalar.span } };
    readers.complain([complaint]);
    return undefined;
  }
  return sources.workflow(target.path);
}

/** What the called workflow sees: the caller's event, its own inputs and secrets. */
export function contextsOfCall(job: Job, called: Workflow, scope: Scope): Contexts {
  const { github, secrets } = scope.contexts;
  return {
    ...(github === undefined ? {} : { github }),
    inputs: inputsOfCall(job, called, scope),
    ...secretsOfCall(job, secrets, scope),
  };
}

function inputsOfCall(job: Job, called: Workflow, scope: Scope): Given {
  const declared = called.triggers.find(({ event }) => event === "workflow_call")?.inputs ?? [];
  return Object.fromEntries(
    declared.map((input): [string, Given] => {
      const given = job.with.find(({ key }) => key.text.toLowerCase() === input.name.text.toLowerCase())?.value;
      if (given?.kind === "scalar") return [input.name.text, inputValue(input, given, scope)];
      return [input.name.text, input.default === undefined ? emptyOf(input) : inputValue(input, input.default, { ...scope, file: called.file })];
    }),
  );
}

function inputValue(input: Input, scalar: Scalar, scope: Scope): Given {
  if (input.type !== "boolean" && input.type !== "number") return givenOf(textOfScalar(scalar, scope));
  const value = evaluateScalar(scalar, scope.contexts, optionsOf(scope));
  if (value.kind === "known") {
    if (input.type === "number") return Number(value.data);
    return typeof value.data === "string" ? value.data.toLowerCase() === "true" : value.data === true;
  }
  if (value.kind === "invalid") return input.type === "boolean" ? UNKNOWN_BOOLEAN : UNKNOWN;
  scope.saw(value.atoms);
  return new UnknownOf(value.residual, value.isLeaf ? [] : value.atoms, { isBoolean: input.type === "boolean" });
}

/** What an input is that nobody gives. */
const emptyOf = (input: Input): Given => (input.type === "boolean" ? false : input.type === "number" ? 0 : "");

function secretsOfCall(job: Job, callers: Given | undefined, scope: Scope): Contexts {
  const token: Given = (isObject(callers) ? memberOf(callers, "GITHUB_TOKEN") : undefined) ?? new UnknownOf("secrets.GITHUB_TOKEN", []);
  if (job.secrets?.kind === "scalar") return callers === undefined ? {} : { secrets: callers };
  const given = entriesOf(job.secrets).flatMap(({ key, value }): [string, Given][] =>
    value.kind === "scalar" ? [[key.text, givenOf(textOfScalar(value, scope))]] : [],
  );
  return { secrets: Object.fromEntries([["GITHUB_TOKEN", token], ...given]) };
}

const isObject = (given: Given | undefined): given is { readonly [key: string]: Given } =>
  typeof given === "object" && given !== null && !Array.isArray(given) && !(given instanceof UnknownOf);

/** The outputs that the called workflow maps from its jobs, by lower-case name. */
export function outputsOfCall(called: Workflow, results: ReadonlyMap<string, JobResult>, scope: Scope): ReadonlyMap<string, Text> {
  const call = entryOf(childOf(called.node, "on"), "workflow_call")?.value;
  const jobs = open(Object.fromEntries([...results].map(([id, result]): [string, Given] => [id, needState(result, scope.assumptions).given])));
  const outputs = new Map<string, Text>();
  for (const { name, value } of readOutputs(childOf(call, "outputs"))) {
    if (value === undefined) continue;
    const text = textOfJobs(value, { ...scope, file: called.file, contexts: { ...scope.contexts, jobs } });
    outputs.set(name.text.toLowerCase(), text);
  }
  return outputs;
}

function textOfJobs(value: Scalar, scope: Scope): Text {
  const text = textOfScalar(value, scope);
  // `jobs.x` and `inputs.x` of the called one mean nothing to the caller.
  return { ...text, parts: text.parts.map((part) => (typeof part === "string" ? part : { ...part, atoms: part.atoms.filter(isShared) })) };
}
