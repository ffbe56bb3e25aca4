import { nodeWorld, type World } from "../adapters/node/world.ts";
import { isProblem, type ProblemCode, ProblemError } from "../core/problem.ts";
import { nameOf } from "../engine/choice/choose.ts";
import type { EngineOption } from "../engine/choice/option.ts";
import { insecureRegistries, type Output } from "../engine/output/output.ts";
import { parseOutput } from "../engine/output/parse-output.ts";
import { type SettledOutputs, settleOutputs } from "../engine/output/settle-outputs.ts";
import type { BuildFacts } from "../host/read-build-facts.ts";
import { askedEngine, withoutEffectOnBuildkit } from "./asked-engine.ts";
import { type Caches, NO_CACHES, parseCaches } from "./caches.ts";
import { embeddedBuild, refuseAll } from "./embedded-build.ts";
import { choiceFor } from "./engines.ts";
import { exportBuild, refuseOutputs } from "./export-build.ts";
import { parseAnnotations } from "./flags.ts";
import { withKeptStdin } from "./kept-stdin.ts";
import { prepared } from "./prepare.ts";
import { withPrograms } from "./programs.ts";
import { proven, wantsProof } from "./proof.ts";
import { beyondEmbedded } from "./refuse.ts";
import type { BuildOutcome, BuildRequest, ChosenEngine } from "./request.ts";
import { type Session, withSession } from "./session.ts";

/**
 * Builds, and writes the result wherever it was asked for.
 * @throws {ProblemError} the first failure; nothing half-written stays
 */
export async function build(request: BuildRequest = {}, world: World = nodeWorld()): Promise<BuildOutcome> {
  const { engine, by } = askedEngine(request);
  const { outputs, build: packing } = settled(request);
  const caches = engine === "buildkit" ? NO_CACHES : cachesOf(request, engine);
  const insecure = [...(request.insecureRegistries ?? []), ...insecureRegistries(outputs), ...caches.insecureRegistries];
  return await withSession(world, { ...request, insecureRegistries: insecure }, async (session) => {
    const work: Work = { request, world, session, outputs, packing, caches };
    if (engine === "embedded") return await byPlan(work, by);
    return await withKeptStdin(request, world, session.store.folder, async (kept) => {
      const again = { ...work, world: kept };
      if (engine === "buildkit") return await byBuildkit(again, `it was asked for with ${by}`);
      // What the embedded engine cannot do for certain wants no plan of ours.
      const needed = beyondEmbedded(request);
      return needed === undefined ? await byPlan(again) : await byBuildkit(again, needed.message, { embedded: needed });
    });
  });
}

/** What a build is about, as far as its words say. */
interface Work {
  readonly request: BuildRequest;
  readonly world: World;
  readonly session: Session;
  readonly outputs: readonly Output[];
  readonly packing: SettledOutputs["build"];
  readonly caches: Caches;
}

/** @param by  what asks for the embedded engine; undefined: the plan decides who builds */
async function byPlan(work: Work, by?: string): Promise<BuildOutcome> {
  const { request, world, session, outputs, packing, caches } = work;
  return await prepared(request, world, session, (ready) =>
    withPrograms(request, world, session, ready.plan, async (programs) => {
      const ours = await embeddedBuild(request, world, session, ready, programs, { packing, caches, proven: wantsProof(request, outputs) });
      const choice = by === undefined ? await choiceFor(ready.plan, ours, request, world) : undefined;
      if (choice?.facts !== undefined) return await byBuildkit(work, choice.why, { facts: choice.facts });
      refuseAll(choice?.problems ?? (await ours.check()));
      await refuseOutputs(outputs, ours.platforms, request, world);
      const chosen = tell(request, world, { engine: "embedded", against: [], ways: [] }, choice?.why ?? `it was asked for with ${by}`);
      const result = await ours.build();
      // No program runs any more; whoever opened it waits for its end.
      ours.sandbox?.close().catch(() => {});
      const verified = await proven(result, outputs, request, world, session);
      const how = { outputs, caches: caches.to, epoch: ready.plan.epoch };
      return { engine: chosen, ...(await exportBuild(result, how, request, world, session)), ...verified };
    }),
  );
}

/** What is known when BuildKit is to build. */
interface Known {
  /** What keeps the embedded engine from it; absent: BuildKit was asked for, or chosen. */
  readonly embedded?: ProblemError;
  /** Of its builder; absent: it has still to be asked. */
  readonly facts?: BuildFacts;
}

async function byBuildkit(work: Work, why: string, { embedded, facts }: Known = {}): Promise<BuildOutcome> {
  const { request, world, session, outputs, packing } = work;
  const { buildkitBuild } = await import("./buildkit-build.ts");
  const theirs = await buildkitBuild(request, world, session, { outputs, build: packing }, facts).catch((error: unknown) => {
    throw embedded !== undefined && isProblem(error) && NOT_THERE.includes(error.code) ? neither(embedded, error) : error;
  });
  await refuseOutputs(outputs, theirs.platforms, request, world);
  const chosen = tell(request, world, theirs.option, why);
  for (const message of withoutEffectOnBuildkit(request)) request.events?.emit({ type: "warning", message, atMs: world.clock.nowMs() });
  const { result, epoch } = await theirs.build();
  const verified = await proven(result, outputs, request, world, session);
  return { engine: chosen, ...(await exportBuild(result, { outputs, caches: [], epoch }, request, world, session)), ...verified };
}

/** There is no BuildKit that could be asked. */
const NOT_THERE: readonly ProblemCode[] = ["buildx-unavailable", "docker-unavailable", "builder-unusable"];

const neither = (embedded: ProblemError, buildkit: ProblemError): ProblemError =>
  new ProblemError("engine-unsuitable", {
    message: `no engine here can build this: ${embedded.message}; and BuildKit cannot be used: ${buildkit.message}`,
    hint: `${embedded.hint}; for BuildKit: ${buildkit.hint}`,
    facts: { embedded: embedded.code, buildkit: buildkit.code },
  });

function tell({ events }: BuildRequest, { clock }: World, option: EngineOption, why: string): ChosenEngine {
  const { engine, builder } = option;
  events?.emit({ type: "engine-chosen", engine, ...(engine === "buildkit" ? { builder: nameOf(option) } : {}), why, atMs: clock.nowMs() });
  return { name: engine, ...(builder === undefined ? {} : { builder }), why };
}

/** Caches that only BuildKit has are no mistake as long as BuildKit may be taken. */
function cachesOf(request: BuildRequest, engine: "auto" | "embedded"): Caches {
  try {
    return parseCaches(request);
  } catch (error) {
    if (engine === "auto" && isProblem(error, "feature-unsupported")) return NO_CACHES;
    throw error;
  }
}

/** Without any output the image is kept in the store, under its tags. */
function settled(request: BuildRequest): SettledOutputs {
  const given = (request.outputs ?? []).map(parseOutput);
  const push = request.push ?? false;
  const load = request.load ?? false;
  return settleOutputs({
    outputs: given.length === 0 && !push && !load ? [parseOutput("type=image")] : given,
    push,
    load,
    tags: request.tags ?? [],
    annotations: parseAnnotations(request.annotations ?? []),
  });
}
