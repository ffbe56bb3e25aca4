import { ProblemError } from "../core/problem.ts";
import type { BuildPlan } from "../plan/graph.ts";
import { asksForNothing } from "./flags.ts";
import type { BuildRequest } from "./request.ts";

/**
 * Refuses what no engine here can do, before anything is read.
 * @throws {ProblemError} `feature-unsupported`
 */
export function refuseUnsupported(request: BuildRequest): void {
  const attestation =
    (!asksForNothing(request.provenance) && `--provenance=${request.provenance}`) ||
    (!asksForNothing(request.sbom) && `--sbom=${request.sbom}`) ||
    (request.attest ?? []).filter((spec) => !/(?:^|,)disabled=true(?:,|$)/.test(spec)).map((spec) => `--attest ${spec}`)[0];
  if (attestation)
    throw new ProblemError("feature-unsupported", {
      message: `${attestation} asks for an attestation, and the embedded engine makes none`,
      hint: "leave it out or say --provenance=false --sbom=false, or build with docker buildx build and a docker-container builder",
    });
  if (request.builder !== undefined)
    throw new ProblemError("feature-unsupported", {
      message: `--builder ${request.builder} names a Buildx builder, and the embedded engine uses none`,
      hint: "leave it out, or build with docker buildx build --builder",
    });
}

/** What was given to RUN steps, can be left undone, and should not be left unsaid. */
export function withoutEffect(request: BuildRequest, plan: BuildPlan): readonly string[] {
  const wanted = new Set(plan.vertices.flatMap((vertex) => (vertex.kind === "run" ? vertex.mounts.map(({ type }) => type) : [])));
  const notes: string[] = [];
  if ((request.secrets ?? []).length > 0 && !wanted.has("secret")) notes.push("--secret has no effect: no step uses a secret");
  if ((request.ssh ?? []).length > 0 && !wanted.has("ssh")) notes.push("--ssh has no effect: no step uses an SSH agent");
  return notes;
}
