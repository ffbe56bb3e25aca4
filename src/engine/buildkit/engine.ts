import { ProblemError } from "../../core/problem.ts";
import { readArchiveStream } from "../../image/archive-stream.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import type { BuildResult } from "../engine.ts";
import { archiveOutput, buildkitArguments } from "./arguments.ts";
import { importResult } from "./import-result.ts";
import type { BuildkitBuilder, BuildkitRequest } from "./request.ts";
import { type RunPorts, runBuildx } from "./run-buildx.ts";

export interface BuildkitPorts extends RunPorts {
  readonly store: BlobStore;
}

/**
 * Builds with one `docker buildx build` and takes what it made, as a stream, into the store.
 * @throws {ProblemError} `buildx-unavailable` | `builder-unusable` | `buildkit-failed` | what {@link buildkitFailure} tells | `layout-invalid` | `digest-mismatch` |
 *   `manifest-invalid` | what the store throws; the signal's reason when it was aborted. The process has ended when it throws; blobs that came stay in the store,
 *   where nothing refers to them.
 */
export async function buildWithBuildkit(request: BuildkitRequest, builder: BuildkitBuilder, ports: BuildkitPorts): Promise<BuildResult> {
  const args = buildkitArguments(request, builder, archiveOutput(request));
  const roots = await runBuildx(args, request, builder, ports, (stdout) => readArchiveStream(stdout, ports.store, WHAT));
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    throw new ProblemError("layout-invalid", { message: `${WHAT} names ${roots.length} images, wanted one` });
  }
  const keepCreated = request.packing.annotations.some(({ at, key }) => key === CREATED && at.endsWith("-descriptor"));
  return await importResult(ports.store, root, { keepCreated });
}

const WHAT = "the archive that BuildKit sent";
const CREATED = "org.opencontainers.image.created";
