import type { World } from "../adapters/node/world.ts";
import type { BuildResult } from "../engine/engine.ts";
import type { Output } from "../engine/output/output.ts";
import type { BuildOutcome, BuildRequest } from "./request.ts";
import type { Session } from "./session.ts";

/**
 * Whether what is built is looked into before it goes anywhere: where that is asked for, else where it is published. What BuildKit pushes by itself is on the registry
 * alone: to look into it is to bring it here.
 */
export const wantsProof = ({ verify, directPush }: BuildRequest, outputs: readonly Output[]): boolean =>
  verify ?? (directPush !== true && outputs.some((output) => output.type === "image" && output.push));

/** Proves what was built, where that is wanted. @throws {ProblemError} `image-unsound` */
export async function proven(
  result: BuildResult,
  outputs: readonly Output[],
  request: BuildRequest,
  world: World,
  session: Session,
): Promise<Pick<BuildOutcome, "verified">> {
  if (!wantsProof(request, outputs)) return {};
  // Rules and readers of binaries: only who asks for them loads them.
  const { verifyBuilt } = await import("./verify-built.ts");
  return { verified: await verifyBuilt(result, request, world, session) };
}
