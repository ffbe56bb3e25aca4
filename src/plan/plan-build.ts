import { refuseErrors } from "../core/complaint.ts";
import { nearest } from "../core/nearest.ts";
import type { Platform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import { type BaseFinder, findBase } from "./base-images.ts";
import { ComplaintList } from "./complaints.ts";
import { parseEpoch } from "./epoch.ts";
import { evaluateStage } from "./evaluate-stage.ts";
import { finishImage } from "./finish-image.ts";
import { globalArguments } from "./global-arguments.ts";
import type { BuildPlan } from "./graph.ts";
import { contextFinder } from "./named-contexts.ts";
import { parseTrigger } from "./onbuild.ts";
import type { PlanPorts, PlanRequest } from "./request.ts";
import type { PlanScope } from "./scope.ts";
import type { StageNode } from "./stage-node.ts";
import { checkCycles, layOutStages, reachableFrom, type StageTree } from "./stage-tree.ts";
import { unusedArguments } from "./unused-arguments.ts";
import { VertexTable } from "./vertices.ts";

/** One platform's stages while the plan is made. */
interface PlatformWork {
  /** Undefined: nobody asked for a platform. */
  readonly wanted: Platform | undefined;
  readonly tree: StageTree;
  readonly target: StageNode;
  readonly finder: BaseFinder;
  readonly scope: PlanScope;
}

/**
 * Turns a Dockerfile and a request into the graph of what will be done, for all platforms at once.
 * Reads manifests and configs of base images through `ports`, and nothing else.
 * @throws {ComplaintsError} everything that is wrong in the Dockerfile or with its bases, each with its place, in one go
 * @throws {ProblemError} `stage-unknown` (the target) | `usage` (SOURCE_DATE_EPOCH)
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go, read at 73ed682 (2026-08-21)
 */
export async function planBuild(request: PlanRequest, ports: PlanPorts): Promise<BuildPlan> {
  refuseErrors(request.dockerfile.complaints);
  const complaints = new ComplaintList();
  const vertices = new VertexTable();
  const buildArgs = withEpoch(request);
  const wanted = request.platforms.length === 0 ? [undefined] : request.platforms;
  const works = wanted.map((platform) => beginPlatform(platform, request, { buildArgs, complaints, vertices }, ports));
  const epochText = buildArgs.get("SOURCE_DATE_EPOCH") ?? works[0]?.scope.globals.get("SOURCE_DATE_EPOCH") ?? "";
  const epoch = parseEpoch(epochText);

  refuseCircles(works, complaints);
  await findBases(works, complaints);
  // Triggers of a base may have closed a circle.
  refuseCircles(works, complaints);
  for (const { tree, target, scope } of works) {
    const needed = reachableFrom(target);
    for (const node of tree.stages) if (needed.has(node)) evaluateStage(node, scope);
  }
  complaints.refuse();

  const images = works.map(({ target, wanted: platform }) => {
    if (target.state === undefined) throw new Error(`stage ${target.label} was not evaluated`);
    return finishImage(target.state, platform, request.labels);
  });
  const unused = unusedArguments(
    request.dockerfile,
    works.map(({ tree }) => tree.stages),
    request.buildArgs,
  );
  return {
    vertices: vertices.reachable(images),
    images,
    ...(epoch === undefined ? {} : { epoch }),
    warnings: [...complaints.warnings, ...unused],
  };
}

/** The epoch of the environment is a build argument like any other, as Buildx hands it over. */
function withEpoch({ buildArgs, environmentEpoch }: PlanRequest): ReadonlyMap<string, string> {
  if (environmentEpoch === undefined || environmentEpoch === "" || buildArgs.has("SOURCE_DATE_EPOCH")) return buildArgs;
  return new Map([...buildArgs, ["SOURCE_DATE_EPOCH", environmentEpoch]]);
}

function beginPlatform(
  wanted: Platform | undefined,
  request: PlanRequest,
  shared: Pick<PlanScope, "buildArgs" | "complaints" | "vertices">,
  { images }: PlanPorts,
): PlatformWork {
  const { dockerfile, buildPlatform: build, target: targetStage } = request;
  const { buildArgs, complaints, vertices } = shared;
  const target = wanted ?? build;
  const globals = globalArguments(dockerfile, { target, build, targetStage, buildArgs }, complaints);
  const findContext = contextFinder(request.namedContexts);
  const tree = layOutStages(dockerfile, { variables: globals, target, build, findContext }, complaints);
  const stageNames = tree.stages.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const filter = new Set(request.noCacheFilter?.map((name) => name.toLowerCase()));
  const noCache = ({ name }: StageNode): boolean => request.noCache === true || (name !== undefined && filter.has(name));
  return {
    wanted,
    tree,
    target: targetOf(tree, request, stageNames),
    finder: { images, findContext, target, implicit: wanted === undefined, vertices, complaints, stageNames },
    scope: { dockerfile, target, globals, buildArgs, vertices, complaints, noCache },
  };
}

function targetOf(tree: StageTree, { dockerfile, target }: PlanRequest, names: readonly string[]): StageNode {
  const found = target === undefined ? tree.stages.at(-1) : tree.find(target);
  if (found !== undefined) return found;
  if (target === undefined)
    throw new ProblemError("dockerfile-syntax", { message: `"${dockerfile.file.name}" has no FROM`, hint: "begin with FROM, be it FROM scratch" });
  const near = nearest(target, names);
  throw new ProblemError("stage-unknown", {
    message: `"${dockerfile.file.name}" has no stage named "${target}"`,
    hint:
      near !== undefined
        ? `did you mean "${near}"?`
        : names.length === 0
          ? "none of its stages has a name: give one with FROM … AS name"
          : `it has ${names.join(", ")}`,
    facts: { target, stages: names.join(",") },
  });
}

function refuseCircles(works: readonly PlatformWork[], complaints: ComplaintList): void {
  const sound = works.map(({ tree }) => checkCycles(tree.stages, complaints));
  if (sound.includes(false)) complaints.refuse();
}

/** Finds the bases of all that the targets need, all at once; triggers of a base may need more, which the next round finds. */
async function findBases(works: readonly PlatformWork[], complaints: ComplaintList): Promise<void> {
  const asked = new Set<StageNode>();
  for (let more = true; more; ) {
    const round = works.flatMap(({ finder, ...work }) =>
      needed(work).flatMap((node) => (node.base === undefined && !asked.has(node) ? [{ node, finder }] : [])),
    );
    for (const { node } of round) asked.add(node);
    const settled = await Promise.all(round.map(({ node, finder }) => findBase(node, finder)));
    for (const settle of settled) settle();
    const taken = works.flatMap((work) => needed(work).map((node) => takeTriggers(node, work.tree, complaints)));
    more = taken.includes(true);
  }
}

/** What the target needs: stages in file order, then images in the order in which they are named. */
function needed({ target }: Pick<PlatformWork, "target">): StageNode[] {
  return [...reachableFrom(target)].sort((a, b) => (a.index ?? Number.POSITIVE_INFINITY) - (b.index ?? Number.POSITIVE_INFINITY) || 0);
}

/** Puts the ONBUILD triggers of a stage's base before its instructions, once. True when there were any. */
function takeTriggers(node: StageNode, tree: StageTree, complaints: ComplaintList): boolean {
  if (node.triggersTaken || node.override !== undefined) return false;
  node.triggersTaken = true;
  const inherited = node.base?.commands.flatMap(({ instruction }) => (instruction.kind === "onbuild" ? [instruction.expression] : []));
  const triggers = inherited ?? node.state?.config.OnBuild ?? [];
  if (triggers.length === 0) return false;
  if (node.state !== undefined) {
    const { OnBuild: _, ...config } = node.state.config;
    node.state.config = config;
  }
  const instructions = triggers.flatMap((text) => complaints.attempt(node.place, () => parseTrigger(text)) ?? []);
  node.commands = [...tree.link(node, instructions, node.place), ...node.commands];
  node.steps.total += instructions.length;
  return true;
}
