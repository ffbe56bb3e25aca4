import { nodeWorld, type World } from "../adapters/node/world.ts";
import { describePlan, type PlanReport } from "../plan/describe.ts";
import { prepared } from "./prepare.ts";
import type { PlanOptions } from "./request.ts";
import { withSession } from "./session.ts";

export type { PlannedImage, PlannedVertex, PlanReport } from "../plan/describe.ts";

/**
 * Says what a build would do. Reads the Dockerfile and the manifests and configs of base images, and no layer.
 * @throws {ProblemError} for whatever is wrong with the request; all complaints about a Dockerfile in one go
 */
export async function plan(options: PlanOptions = {}, world: World = nodeWorld()): Promise<PlanReport> {
  return await withSession(world, options, (session) => prepared(options, world, session, async (ready) => describePlan(ready.plan, world.buildPlatform)));
}
