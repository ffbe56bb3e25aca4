import { remembered } from "../core/remembered.ts";
import { latestDocker } from "../facts/docker.ts";
import type { Confidence, Fact } from "../findings/finding.ts";
import { builderOf, type LostBuilder, type ResolvedBuilder } from "../simulate/builder-of.ts";
import { type Feature, type Refusal, refusalsOf } from "../simulate/driver-checks.ts";
import type { Environment } from "../simulate/environment.ts";
import { defaultStore } from "../simulate/image-store.ts";
import { namedBuilder } from "../simulate/named-builder.ts";
import { MOST_NEXT, thenRefused } from "../simulate/refusal-words.ts";
import type { Text } from "../simulate/text.ts";
import { eventsOf, type Trace, type TracedStep } from "../simulate/trace.ts";
import type { BuildEvent } from "./rule.ts";
import { actionUse } from "./workflow/action-use.ts";

/** A build that its builder will refuse. */
export interface RefusedBuild {
  readonly at: BuildEvent;
  readonly resolved: ResolvedBuilder;
  /** What the log will say. */
  readonly refusal: Refusal;
  /** What it would say once that is mended and nothing else, in order. */
  readonly next: readonly Refusal[];
  readonly why: WhyNoBuilder;
  /** At most so sure can a finding be that rests on it. */
  readonly confidence: Confidence;
}

/** Why a build is left with the `docker` driver. */
export type WhyNoBuilder =
  /** Another driver, or none. */
  | { readonly kind: "not-docker" }
  /** A builder was made, and a change of context, or the command itself, passes it by. */
  | { readonly kind: "lost"; readonly lost: LostBuilder }
  /** The docker driver's own builder is named. */
  | { readonly kind: "named"; readonly name: Text }
  /** A step of the job makes one, but it comes later. */
  | { readonly kind: "later"; readonly step: TracedStep }
  /** A step of the job would make one, but its condition does not hold where that of the build does. */
  | { readonly kind: "skipped"; readonly step: TracedStep }
  /** A step asks for `driver: docker`, which makes none. */
  | { readonly kind: "driver-docker"; readonly step: TracedStep }
  /** A job that this one waits for makes one, on its own machine. */
  | { readonly kind: "other-job"; readonly job: string; readonly fact: Fact }
  | { readonly kind: "none-made" };

/** What the log of a build will say when its builder refuses it; undefined when it does not, as far as is known. One refusal a build: the first that is certain. */
export const refusedBuild: (at: BuildEvent) => RefusedBuild | undefined = remembered(refusedOf, ({ event }) => event);

function refusedOf(at: BuildEvent): RefusedBuild | undefined {
  const { event } = at;
  const seen = refusalsIn(at, event.before);
  if (seen.refusals.length === 0) return undefined;
  const usual = usualOf(event.before, at.trace.asOf);
  // With doubts nothing is certain, but few steps that nobody knows make a builder, and few machines are set up for it.
  const { resolved, refusals } = usual === undefined || seen.refusals.some(({ certain }) => certain) ? seen : likelier(refusalsIn(at, usual), seen);
  const refusal = refusals.find(({ certain }) => certain) ?? refusals.find(({ feature }) => isAskedForSure(feature, at, usual ?? event.before));
  if (refusal === undefined) return undefined;
  const sure = event.sure && event.step.runs === "yes" && (usual === undefined || seen.refusals.includes(refusal));
  return {
    at,
    resolved: seen.resolved,
    refusal,
    next: refusals.slice(refusals.indexOf(refusal) + 1),
    why: whyNoBuilder(at, resolved),
    confidence: refusal.certain ? (sure ? "certain" : "likely") : "possible",
  };
}

interface Refusals {
  readonly resolved: ResolvedBuilder;
  readonly refusals: readonly Refusal[];
}

function refusalsIn({ build }: BuildEvent, environment: Environment): Refusals {
  const resolved = builderOf(build, environment);
  return { resolved, refusals: refusalsOf(build, resolved, environment).filter(({ exitStatus }) => exitStatus !== 0) };
}

const likelier = (usual: Refusals, seen: Refusals): Refusals => (usual.refusals.some(({ certain }) => certain) ? usual : seen);

/**
 * The machine as it most often is: no step that nobody knows made a builder, and the Docker of an unknown runner is the one of the day, as it comes. Where
 * GitHub takes one of several images, it is the one with the classic store: some runs meet it. Undefined when that is what is known.
 */
function usualOf(environment: Environment, asOf: string): Environment | undefined {
  const { runner, doubts } = environment;
  const isHosted = runner.kind === "hosted";
  const isOneOfSeveral = isHosted && runner.image === undefined;
  if (isHosted && !isOneOfSeveral && doubts.length === 0) return undefined;
  const own = environment.contexts.get("default");
  const fills = (!isHosted || isOneOfSeveral) && runner.container === undefined && own?.daemon?.store === "unknown";
  const store = isOneOfSeveral ? "classic" : defaultStore(latestDocker(asOf), runner.os);
  const contexts = fills ? new Map([...environment.contexts, ["default", { ...own, daemon: { ...own.daemon, store } }]]) : environment.contexts;
  return { ...environment, contexts, doubts: [], runner: { ...runner, kind: "hosted" } };
}

/** Whether only the machine is in doubt, and not what the build asks for: who might ask for something is not warned of all that could be. */
function isAskedForSure(feature: Feature, at: BuildEvent, usual: Environment): boolean {
  const contexts = [...usual.contexts].map(([name, context]): [string, typeof context] => [
    name,
    { ...context, daemon: context.daemon && { ...context.daemon, store: "classic" } },
  ]);
  return refusalsIn(at, { ...usual, contexts: new Map(contexts) }).refusals.some((one) => one.certain && one.feature === feature);
}

function whyNoBuilder({ build, event, trace }: BuildEvent, resolved: ResolvedBuilder): WhyNoBuilder {
  if (resolved.driver !== "docker") return { kind: "not-docker" };
  const name = namedBuilder(build, event.before);
  if (name !== undefined) return { kind: "named", name };
  const lost = resolved.lost.at(-1);
  if (lost !== undefined) return { kind: "lost", lost };
  const before = trace.steps.filter(({ index }) => index < event.step.index);
  const docker = before.findLast((step) => isSetup(step) && step.runs !== "no" && driverOf(step) === "docker");
  if (docker !== undefined) return { kind: "driver-docker", step: docker };
  const skipped = before.findLast((step) => step.runs === "no" && actionUse(step)?.name === SETUP);
  if (skipped !== undefined) return { kind: "skipped", step: skipped };
  const later = eventsOf(trace, "create-builder").find(({ step, operation }) => step.index > event.step.index && operation.driver !== "docker");
  return later === undefined ? (inOtherJob(trace) ?? { kind: "none-made" }) : { kind: "later", step: later.step };
}

const SETUP = "docker/setup-buildx-action";
const isSetup = ({ action }: TracedStep): boolean => action === SETUP;
const driverOf = ({ inputs }: TracedStep): string | undefined => {
  const [only, ...others] = inputs.get("driver")?.parts ?? [];
  return typeof only === "string" && others.length === 0 ? only : undefined;
};

/** A job that it waits for, straight or by others, and that sets up Buildx: someone may have meant it for this one. */
function inOtherJob({ workflow, job }: Trace): WhyNoBuilder | undefined {
  const seen = new Set<string>();
  const open = job.needs.map(({ text }) => text);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const other = workflow.jobs.find((one) => one.id.text === id);
    if (other === undefined || seen.has(id)) continue;
    seen.add(id);
    open.push(...other.needs.map(({ text }) => text));
    const uses = other.steps.find((step) => step.uses?.scalar.text.toLowerCase().startsWith(`${SETUP}@`) === true)?.uses;
    if (uses === undefined) continue;
    const fact = { sentence: `job "${id}" makes a builder, on a machine of its own`, place: { file: workflow.file, span: uses.scalar.span } };
    return { kind: "other-job", job: id, fact };
  }
  return undefined;
}

/** The chain that leads to the refusal: what the machine has, what became of the builders that were made, what the build asks for, and what would come next. */
export function factsOf({ refusal, resolved, why, next }: RefusedBuild): readonly Fact[] {
  const because = factsOfWhy(why);
  return [...resolved.facts, ...because, ...refusal.facts, ...next.slice(0, MOST_NEXT).map(thenRefused)];
}

function factsOfWhy(why: WhyNoBuilder): readonly Fact[] {
  if (why.kind === "later") return [{ sentence: "this step makes a builder, after the build", place: placeOfStep(why.step) }];
  if (why.kind === "skipped") return [{ sentence: "this step would make a builder, but it does not run when the build does", place: placeOfStep(why.step) }];
  if (why.kind === "driver-docker") return [{ sentence: "this step asks for the docker driver, and makes no builder", place: placeOfStep(why.step) }];
  return why.kind === "other-job" ? [why.fact] : [];
}

const placeOfStep = ({ place, step }: TracedStep): Fact["place"] => ({ file: place.file, span: (step.if ?? step.uses)?.scalar.span ?? step.node.span });

/** Whether a build is refused for one of these. */
export const refusedFor = (refused: RefusedBuild | undefined, ...features: readonly Feature[]): refused is RefusedBuild =>
  refused !== undefined && features.includes(refused.refusal.feature);
