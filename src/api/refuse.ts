import { isProblem, ProblemError } from "../core/problem.ts";
import type { BuildPlan } from "../plan/graph.ts";
import { parseCaches } from "./caches.ts";
import { asksForNothing } from "./flags.ts";
import type { BuildRequest } from "./request.ts";

/** What a request asks for that only BuildKit can do, told before anything is read; undefined: nothing. */
export function beyondEmbedded(request: BuildRequest): ProblemError | undefined {
  const attestation =
    (!asksForNothing(request.provenance) && `--provenance=${request.provenance}`) ||
    (!asksForNothing(request.sbom) && `--sbom=${request.sbom}`) ||
    (request.attest ?? []).filter((spec) => !/(?:^|,)disabled=true(?:,|$)/.test(spec)).map((spec) => `--attest ${spec}`)[0];
  if (attestation)
    return new ProblemError("feature-unsupported", {
      message: `${attestation} asks for an attestation, and the embedded engine makes none`,
      hint: "leave it out or say --provenance=false --sbom=false, or let BuildKit build: --engine buildkit",
    });
  try {
    parseCaches(request);
  } catch (error) {
    if (isProblem(error, "feature-unsupported")) return error;
    throw error;
  }
  return undefined;
}

/** What was given to RUN steps, can be left undone, and should not be left unsaid. */
export function withoutEffect(request: BuildRequest, plan: BuildPlan): readonly string[] {
  const wanted = new Set(plan.vertices.flatMap((vertex) => (vertex.kind === "run" ? vertex.mounts.map(({ type }) => type) : [])));
  const notes: string[] = [];
  if ((request.secrets ?? []).length > 0 && !wanted.has("secret")) notes.push("--secret has no effect: no step uses a secret");
  if ((request.ssh ?? []).length > 0 && !wanted.has("ssh")) notes.push("--ssh has no effect: no step uses an SSH agent");
  return notes;
}
