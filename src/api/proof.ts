import type { World } from "../adapters/node/world.ts";
import { version } from "../core/version.ts";
import type { BuildResult } from "../engine/engine.ts";
import type { Output } from "../engine/output/output.ts";
import { rootOf } from "../engine/output/result-images.ts";
import type { BuildOutcome, BuildRequest } from "./request.ts";
import type { Session } from "./session.ts";

/**
 * Whether what is built is looked into before it goes anywhere: where that is asked for, else where it is published. What BuildKit pushes by itself is on the registry
 * alone: to look into it is to bring it here.
 */
export const wantsProof = ({ verify, directPush }: BuildRequest, outputs: readonly Output[]): boolean =>
  verify ?? (directPush !== true && outputs.some((output) => output.type === "image" && output.push));

/**
 * Proves what was built, where that is wanted. An image in which nothing was found is not looked into again: under its digest lies what lay there before, and layers are
 * checked against theirs when they are pushed. @throws {ProblemError} `image-unsound` */
export async function proven(
  result: BuildResult,
  outputs: readonly Output[],
  request: BuildRequest,
  world: World,
  session: Session,
): Promise<Pick<BuildOutcome, "verified">> {
  if (!wantsProof(request, outputs)) return {};
  const { records } = session.store;
  const key = `${version} ${rootOf(result).descriptor.digest}`;
  if ((await records.read("proofs", key)) !== undefined) return { verified: { errors: 0, warnings: 0 } };
  // Rules and readers of binaries: only who asks for them loads them.
  const { verifyBuilt } = await import("./verify-built.ts");
  const verified = await verifyBuilt(result, request, world, session);
  // Warnings are to be told each time.
  if (verified.errors + verified.warnings === 0) await records.write("proofs", key, new Uint8Array());
  return { verified };
}
