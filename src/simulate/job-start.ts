import type { Place } from "../core/span.ts";
import { type Contexts, open, UNKNOWN } from "../workflow/expression/data.ts";
import { evaluate, evaluateScalar } from "../workflow/expression/evaluate.ts";
import type { Job } from "../workflow/model.ts";
import { childOf, scalarsOf } from "../workflow/tree.ts";
import type { Environment, Runner, Service } from "./environment.ts";
import { optionsOf, type Scope, textOfScalar } from "./evaluate-text.ts";
import { mergedVariables, variablesOf } from "./job-variables.ts";
import { runnerOf, startEnvironment } from "./runner.ts";
import { knownText, shownText, type Text, type Texts, textOf } from "./text.ts";
import type { JobSetting } from "./walk-setting.ts";

/** What a job finds before its first step. */
export interface JobStart {
  readonly environment: Environment;
  /** Variables may be set of which nobody knows. */
  readonly openVariables: boolean;
  /** The contexts of the job's steps, but for `env` and `steps`. */
  readonly contexts: Contexts;
  /** What to assume, to know the machine; undefined when it is known or cannot be. */
  readonly atom: string | undefined;
}

export function startOf(setting: JobSetting, scope: Scope): JobStart {
  const { job, workflow, study } = setting;
  const fromWorkflow = variablesOf(workflow.env, scope);
  const fromJob = variablesOf(job.env, scope);
  const labels = labelsOf(job, scope);
  const container = containerOf(job, scope);
  const runner = runnerOf(labels, { asOf: study.asOf, place: placeOfRunner(job, scope), container });
  const environment = startEnvironment(runner, study.asOf, mergedVariables(fromWorkflow.variables, fromJob.variables));
  return {
    environment: setting.prepare({ ...environment, services: servicesOf(job, scope) }),
    openVariables: fromWorkflow.open || fromJob.open,
    contexts: { ...setting.contexts, runner: runnerContext(runner), job: open({ status: "success" }) },
    atom: [...(labels?.items ?? []), ...(container === undefined ? [] : [container])].flatMap(atomsOf)[0],
  };
}

const atomsOf = (text: Text): readonly string[] => text.parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms));

const placeOfRunner = (job: Job, scope: Scope): Place => ({ file: scope.file, span: job.runsOn?.node.span ?? job.id.span });

/** `runs-on` as labels: one, several, or an expression that gives either. */
function labelsOf(job: Job, scope: Scope): Texts | undefined {
  const { runsOn } = job;
  if (runsOn === undefined) return undefined;
  const place: Place = { file: scope.file, span: runsOn.node.span };
  const items = runsOn.labels.flatMap((label): Text[] => {
    const value = label.expressions.length === 0 ? undefined : evaluateScalar(label, scope.contexts, optionsOf(scope));
    if (value?.kind !== "known" || typeof value.data !== "object" || value.data === null) return [textOfScalar(label, scope)];
    const list = Array.isArray(value.data) ? (value.data as readonly unknown[]) : labelsWithin(value.data as { readonly labels?: unknown });
    return list.flatMap((item) => (typeof item === "string" ? [knownText(item, place)] : []));
  });
  return items.length === 0 ? undefined : { items, open: false, place };
}

/** `runs-on: ${{ fromJSON('{"group": "x", "labels": ["y"]}') }}`. */
const labelsWithin = ({ labels }: { readonly labels?: unknown }): readonly unknown[] => (Array.isArray(labels) ? labels : [labels]);

function containerOf(job: Job, scope: Scope): Text | undefined {
  const image = job.container?.image;
  if (image === undefined) return undefined;
  const text = textOfScalar(image, scope);
  return textOf(text)?.trim() === "" ? undefined : text;
}

function servicesOf(job: Job, scope: Scope): readonly Service[] {
  return job.services.flatMap(({ id, container }): Service[] => {
    if (container.image === undefined) return [];
    const image = textOfScalar(container.image, scope);
    if (textOf(image) === "") return [];
    const ports = childOf(container.node, "ports");
    const place: Place = { file: scope.file, span: id.span };
    return [
      {
        image,
        ports: {
          items: scalarsOf(ports).map((port) => textOfScalar(port, scope)),
          open: false,
          place: ports && { file: scope.file, span: ports.span },
        },
        fact: { sentence: `the service "${id.text}" runs "${shownText(image)}"`, place },
      },
    ];
  });
}

const SYSTEMS: Readonly<Record<string, string>> = { linux: "Linux", windows: "Windows", macos: "macOS" };
const ARCHITECTURES: Readonly<Record<string, string>> = { amd64: "X64", arm64: "ARM64", "386": "X86", arm: "ARM" };

function runnerContext(runner: Runner): Contexts[string] {
  return open({
    os: (runner.os && SYSTEMS[runner.os]) ?? UNKNOWN,
    arch: (runner.architecture && ARCHITECTURES[runner.architecture]) ?? UNKNOWN,
    debug: UNKNOWN,
  });
}

/** What to assume to know a matrix (or anything else that is a tree); undefined when it is known or cannot be. */
export function atomOfExpression(expression: string, scope: Scope): string | undefined {
  const value = evaluate(expression, scope.contexts, optionsOf(scope));
  if (value.kind !== "unknown") return undefined;
  scope.saw(value.atoms);
  return value.isLeaf && !value.isBoolean ? undefined : value.atoms[0];
}
