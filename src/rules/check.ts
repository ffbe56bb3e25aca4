import type { Finding } from "../findings/finding.ts";
import type { Readers } from "../simulate/readers.ts";
import type { JobStudy, Study, Trace, TracedStep } from "../simulate/trace.ts";
import { type BaseImages, NO_BASE_IMAGES } from "./base-images.ts";
import { buildEventOf, type DockerfileUse, dockerfileUses } from "./dockerfile-use.ts";
import { type Heard, mergeHeard } from "./merge.ts";
import { type BuildHome, isBuildEvent, type Report, type Rule } from "./rule.ts";
import type { TraceHome } from "./when.ts";

/**
 * Asks every rule about all that the simulation saw. What is told of one cause in many traces is one finding.
 * Sorted by file, place and severity; the same study gives the same findings in the same order.
 * @param dockerfiles  paths of further Dockerfiles to ask about, whether or not a step builds them
 * @param baseImages  what registries told of the images that Dockerfiles build upon
 */
export function checkStudy(
  study: Study,
  rules: readonly Rule[],
  readers: Readers,
  dockerfiles: readonly string[] = [],
  baseImages: BaseImages = NO_BASE_IMAGES,
): readonly Finding[] {
  const homes = homesOf(study);
  const heard: Heard[] = [];
  /** A report for one call of one rule: told of `here`, of all the walks of its job that come by the same place. */
  const reportOf =
    (rule: Rule, here: readonly Trace[], passing: () => readonly Trace[]): Report =>
    (told) => {
      const traces = told.traces ?? here;
      const among = told.among ?? (traces.length === 0 ? [] : told.traces === undefined ? passing() : sameJobs(traces, homes));
      heard.push({ meta: rule.meta, told, traces, among });
    };
  const asked = askedAmong(rules);
  const nowhere = (rule: Rule): Report => reportOf(rule, [], () => []);
  for (const workflow of study.workflows) {
    for (const job of workflow.jobs) {
      const passing = new Passing(job);
      for (const trace of job.traces) {
        askOfTrace(trace, { job, workflow }, asked, readers, (rule, step) =>
          reportOf(rule, [trace], () => (step === undefined ? job.traces : passing.by(step))),
        );
      }
      for (const rule of rules) rule.job?.(job, workflow, nowhere(rule));
    }
    for (const rule of rules) rule.workflow?.(workflow, nowhere(rule));
  }
  const uses = (): readonly DockerfileUse[] => dockerfileUses(study, readers, dockerfiles).map((use) => (baseImages.size === 0 ? use : { ...use, baseImages }));
  askOfDockerfiles(rules, uses, nowhere);
  for (const rule of rules) rule.study?.(study, nowhere(rule));
  return mergeHeard(heard, (trace) => homes.get(trace));
}

/** Rules by what they answer to: there are many traces, and most rules look at one kind of thing. */
interface Asked {
  readonly ofSteps: readonly Rule[];
  readonly ofEvents: readonly Rule[];
  readonly ofBuilds: readonly Rule[];
  readonly ofTraces: readonly Rule[];
}

const askedAmong = (rules: readonly Rule[]): Asked => ({
  ofSteps: rules.filter(({ step }) => step !== undefined),
  ofEvents: rules.filter(({ event }) => event !== undefined),
  ofBuilds: rules.filter(({ build }) => build !== undefined),
  ofTraces: rules.filter(({ trace }) => trace !== undefined),
});

function askOfTrace(trace: Trace, home: BuildHome, asked: Asked, readers: Readers, reportOf: (rule: Rule, step: TracedStep | undefined) => Report): void {
  for (const step of trace.steps) {
    if (step.runs === "no") continue;
    for (const rule of asked.ofSteps) rule.step?.(step, trace, reportOf(rule, step));
  }
  for (const event of trace.events) {
    for (const rule of asked.ofEvents) rule.event?.(event, trace, reportOf(rule, event.step));
    if (isBuildEvent(event) && !event.operation.onlyAsks) {
      const at = buildEventOf(event, trace, readers, home);
      for (const rule of asked.ofBuilds) rule.build?.(at, reportOf(rule, event.step));
    }
  }
  for (const rule of asked.ofTraces) rule.trace?.(trace, reportOf(rule, undefined));
}

function askOfDockerfiles(rules: readonly Rule[], uses: () => readonly DockerfileUse[], reportOf: (rule: Rule) => Report): void {
  const asked = rules.filter((rule) => rule.dockerfile !== undefined);
  if (asked.length === 0) return;
  for (const use of uses()) for (const rule of asked) rule.dockerfile?.(use, reportOf(rule));
}

/** Which walks of a job come by a step: asked for only where something is told of it. */
class Passing {
  readonly #job: JobStudy;
  #byStep: ReadonlyMap<string, readonly Trace[]> | undefined;

  constructor(job: JobStudy) {
    this.#job = job;
  }

  by(step: TracedStep): readonly Trace[] {
    this.#byStep ??= this.#read();
    return this.#byStep.get(keyOf(step)) ?? [];
  }

  #read(): ReadonlyMap<string, readonly Trace[]> {
    const byStep = new Map<string, Trace[]>();
    for (const trace of this.#job.traces) {
      for (const step of trace.steps) {
        if (step.runs === "no") continue;
        const there = byStep.get(keyOf(step));
        if (there === undefined) byStep.set(keyOf(step), [trace]);
        else if (there.at(-1) !== trace) there.push(trace);
      }
    }
    return byStep;
  }
}

/** Of a step and the way to it: a composite action may be called twice in a job. */
const keyOf = (step: TracedStep): string => [step.place, ...step.calledFrom].map(({ file, route }) => `${file.name}:${route.join("/")}`).join("\n");

function homesOf(study: Study): ReadonlyMap<Trace, TraceHome> {
  const homes = new Map<Trace, TraceHome>();
  for (const workflow of study.workflows) {
    for (const job of workflow.jobs) for (const trace of job.traces) homes.set(trace, { workflow, job, index: homes.size });
  }
  return homes;
}

const sameJobs = (traces: readonly Trace[], homes: ReadonlyMap<Trace, TraceHome>): readonly Trace[] =>
  [...new Set(traces.map((trace) => homes.get(trace)?.job))].flatMap((job) => job?.traces ?? []);
