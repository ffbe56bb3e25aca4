import { nodeWorld, type World } from "../adapters/node/world.ts";
import { formatPlatform } from "../core/platform.ts";
import { chooseEngine, nameOf } from "../engine/choice/choose.ts";
import { buildNeeds } from "../engine/choice/needs.ts";
import { type EngineOption, isAble, type Way } from "../engine/choice/option.ts";
import { settleOutputs } from "../engine/output/settle-outputs.ts";
import { describePlan, type PlanReport as PlanDescription } from "../plan/describe.ts";
import { NO_CACHES } from "./caches.ts";
import { embeddedBuild } from "./embedded-build.ts";
import { enginesFor } from "./engines.ts";
import { nodesOption, withPlatformsOfNodes } from "./nodes-option.ts";
import { prepared } from "./prepare.ts";
import { withPrograms } from "./programs.ts";
import type { EngineRequest, PlanOptions } from "./request.ts";
import { withSession } from "./session.ts";

export type { PlannedImage, PlannedVertex } from "../plan/describe.ts";

/** What a build would do, and who would do it. */
export interface PlanReport extends PlanDescription {
  /** The embedded engine, then BuildKit. */
  readonly engines: readonly PlannedEngine[];
}

/** How an engine stands to a plan. */
export interface PlannedEngine {
  readonly engine: "embedded" | "buildkit";
  /** For people: `BuildKit (builder "team", docker-container)`. */
  readonly name: string;
  readonly builder?: { readonly name: string; readonly driver: string };
  readonly chosen: boolean;
  readonly able: boolean;
  /** Why it would be taken, for the one that is; why not, for the other. */
  readonly why: string;
  /** How it would run the programs of RUN steps; empty where there are none. */
  readonly programs: readonly { readonly platform: string; readonly way: Way; readonly why?: string }[];
}

/**
 * Says what a build would do, and which engine would do it. Reads the Dockerfile and the manifests and configs of base images, and no layer; asks Docker for its builder.
 * @throws {ProblemError} for whatever is wrong with the request; all complaints about a Dockerfile in one go
 */
export async function plan(request: PlanOptions & EngineRequest = {}, world: World = nodeWorld()): Promise<PlanReport> {
  const options = withPlatformsOfNodes(request);
  return await withSession(world, options, (session) =>
    prepared(options, world, session, (ready) =>
      withPrograms(options, world, session, ready.plan, async (programs) => {
        const { build: packing } = settleOutputs({ outputs: [{ type: "cacheonly" }], push: false, load: false, tags: [], annotations: [] });
        const ours = await embeddedBuild(options, world, session, ready, programs, { packing, caches: NO_CACHES, proven: false });
        const needs = buildNeeds(ready.plan);
        const { nodes = [] } = options;
        const { embedded, buildkit } = await enginesFor(needs, await ours.check(), ours.sandbox, options, world);
        return {
          ...describePlan(ready.plan, world.buildPlatform),
          engines: plannedEngines(options, needs, embedded, nodes.length === 0 ? buildkit : nodesOption(nodes, needs, buildkit)),
        };
      }),
    ),
  );
}

const asksForBuildkit = ({ engine, builder, nodes = [] }: EngineRequest): boolean => engine === "buildkit" || builder !== undefined || nodes.length > 0;

const whyNot = (option: EngineOption): string => option.against[0] ?? (isAble(option) ? "it could build this, too" : "it cannot run all programs");

function plannedEngines(
  request: EngineRequest,
  needs: Parameters<typeof chooseEngine>[0],
  embedded: EngineOption,
  buildkit: EngineOption,
): readonly PlannedEngine[] {
  const asked = request.engine === "embedded" ? embedded : asksForBuildkit(request) ? buildkit : undefined;
  const choice = asked === undefined ? chooseEngine(needs, embedded, buildkit) : { chosen: asked, why: "it is asked for" };
  return [embedded, buildkit].map((option) => {
    const chosen = option === choice.chosen;
    return {
      engine: option.engine,
      name: nameOf(option),
      ...(option.builder === undefined ? {} : { builder: option.builder }),
      chosen,
      able: isAble(option),
      why: chosen && isAble(option) ? choice.why : `${chosen ? "it is asked for, but " : ""}${whyNot(option)}`,
      programs: option.ways.map(({ platform, ...way }) => ({ platform: formatPlatform(platform), ...way })),
    };
  });
}
