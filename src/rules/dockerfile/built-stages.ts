import { type Platform, parsePlatform } from "../../core/platform.ts";
import { isProblem } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import type { Stage } from "../../dockerfile/ast.ts";
import type { Confidence } from "../../findings/finding.ts";
import { knownItems, textOf } from "../../simulate/text.ts";
import type { Trace } from "../../simulate/trace.ts";
import type { DockerfileUse, StageUse } from "../dockerfile-use.ts";
import type { BuildEvent } from "../rule.ts";

/** A stage with the builds that need it. */
export interface BuiltStage {
  readonly use: StageUse;
  /** Empty for a Dockerfile that no step builds. */
  readonly builds: readonly StageBuild[];
}

export interface StageBuild {
  readonly at: BuildEvent;
  /** The stage, as this build sees it. */
  readonly use: StageUse;
  /** Those that are known. */
  readonly platforms: readonly Platform[];
  /** It may be built for others. */
  readonly open: boolean;
}

/** The stages that some build of a Dockerfile needs, each with those builds; builds that publish nothing (`type=cacheonly`, `type=local`) are left out. */
export const builtStages: (use: DockerfileUse) => readonly BuiltStage[] = remembered(readBuiltStages);

function readBuiltStages(use: DockerfileUse): readonly BuiltStage[] {
  const byStage = new Map<Stage, StageBuild[]>();
  for (const at of use.builds) {
    if (at.build.onlyAsks || givesNoImage(at)) continue;
    const platforms = platformsOf(at);
    for (const stage of at.stages ?? []) {
      const there = byStage.get(stage.stage);
      const build = { at, use: stage, ...platforms };
      if (there === undefined) byStage.set(stage.stage, [build]);
      else there.push(build);
    }
  }
  const unbuilt = use.builds.length === 0;
  return use.stages.flatMap((stage): BuiltStage[] => {
    const builds = byStage.get(stage.stage) ?? [];
    return builds.length > 0 || unbuilt ? [{ use: stage, builds }] : [];
  });
}

/** The platforms of one build, as far as they are known. One that names none is of its runner's. */
export function platformsOf({ build, event }: BuildEvent): Pick<StageBuild, "platforms" | "open"> {
  const { items, open } = build.platforms;
  if (items.length === 0 && !open) {
    const { architecture } = event.before.runner;
    return architecture === undefined ? { platforms: [], open: true } : { platforms: [{ os: "linux", architecture }], open: false };
  }
  const texts = knownItems(build.platforms);
  return { platforms: texts.flatMap(platformNamed), open: open || texts.length < items.length };
}

function platformNamed(text: string): readonly Platform[] {
  try {
    return [parsePlatform(text.trim())];
  } catch (error) {
    if (isProblem(error)) return [];
    throw error;
  }
}

function givesNoImage({ build }: BuildEvent): boolean {
  const { items, open } = build.outputs;
  return items.length > 0 && !open && build.push.value !== true && build.load.value !== true && items.every((item) => NO_IMAGE.test(textOf(item) ?? ""));
}

/** Whether a build only tries one of the file's stages (`target: lint`): it is not the last, and the result goes nowhere. */
export function onlyTries({ at: { build, dockerfile }, use }: StageBuild): boolean {
  const goes = build.push.value !== false || build.load.value !== false || build.outputs.open || build.outputs.items.length > 0;
  return !goes && use.stage !== dockerfile?.stages.at(-1);
}

const NO_IMAGE = /^(?:type=(?:local|tar|cacheonly)\b|[^=,]+$)/;

/** In which builds something is wrong, and how sure that is. */
export interface WrongBuilds {
  readonly confidence: Confidence;
  readonly traces: readonly Trace[];
  readonly among: readonly Trace[];
  /** For which it is wrong, of the builds that are told of; empty where that is not known. */
  readonly platforms: readonly Platform[];
  /** The first of them; undefined where nothing builds it. */
  readonly first: StageBuild | undefined;
}

/**
 * The builds for which a stage is wrong, the surest only. Undefined when there is none. What no step builds may be wrong: that is `likely` at best.
 * @param isWrong  for this platform in this build
 */
export function wrongBuilds(built: BuiltStage, isWrong: (platform: Platform, build: StageBuild) => boolean): WrongBuilds | undefined {
  const { builds } = built;
  if (builds.length === 0) return { confidence: "likely", traces: [], among: [], platforms: [], first: undefined };
  const wrong = builds.filter((build) => build.platforms.some((platform) => isWrong(platform, build)));
  const sure = wrong.filter(({ at }) => at.event.sure && at.event.step.runs === "yes");
  const open = builds.filter((build) => build.open);
  const degrees: readonly [Confidence, readonly StageBuild[]][] = [
    ["certain", sure],
    ["likely", wrong],
    ["possible", open],
  ];
  const [confidence, told] = degrees.find(([, some]) => some.length > 0) ?? [];
  if (confidence === undefined || told === undefined) return undefined;
  const platforms = told.flatMap((build) => build.platforms.filter((platform) => isWrong(platform, build)));
  const traces = (some: readonly StageBuild[]): readonly Trace[] => [...new Set(some.map(({ at }) => at.trace))];
  return { confidence, traces: traces(told), among: traces(builds), platforms, first: told[0] };
}

/** The less sure of two. */
export const atMost = (a: Confidence, b: Confidence): Confidence => (DEGREES.indexOf(a) > DEGREES.indexOf(b) ? a : b);
const DEGREES: readonly Confidence[] = ["certain", "likely", "possible"];
