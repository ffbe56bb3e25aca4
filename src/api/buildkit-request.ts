import type { World } from "../adapters/node/world.ts";
import type { Platform } from "../core/platform.ts";
import type { BuildkitRequest } from "../engine/buildkit/request.ts";
import type { SettledOutputs } from "../engine/output/settle-outputs.ts";
import type { ByteStream } from "../image/blob-store.ts";
import { contextOnStdin } from "./main-context.ts";
import type { BuildRequest } from "./request.ts";

/** A build's words for BuildKit: as they were given, but for what we do ourselves (names, outputs). */
export function buildkitRequest(
  request: BuildRequest,
  world: World,
  platforms: readonly Platform[],
  packing: SettledOutputs["build"],
  stdin: () => ByteStream,
): BuildkitRequest {
  const { file, target, shmSize, network, provenance, sbom } = request;
  const context = request.context ?? ".";
  return {
    context,
    ...(file === undefined ? {} : { file }),
    ...(contextOnStdin(context, file) ? { stdin } : {}),
    platforms,
    ...(target === undefined ? {} : { target }),
    buildArgs: request.buildArgs ?? [],
    buildContexts: request.buildContexts ?? [],
    labels: request.labels ?? [],
    secrets: request.secrets ?? [],
    ssh: request.ssh ?? [],
    allow: request.allow ?? [],
    addHosts: request.addHosts ?? [],
    ...(shmSize === undefined ? {} : { shmSize }),
    ulimits: request.ulimits ?? [],
    ...(network === undefined ? {} : { network }),
    noCache: request.noCache ?? false,
    noCacheFilter: request.noCacheFilter ?? [],
    pull: request.pull ?? false,
    cacheFrom: request.cacheFrom ?? [],
    cacheTo: request.cacheTo ?? [],
    ...(provenance === undefined ? {} : { provenance }),
    ...(sbom === undefined ? {} : { sbom }),
    attest: request.attest ?? [],
    packing,
    env: world.env.SOURCE_DATE_EPOCH ? { SOURCE_DATE_EPOCH: world.env.SOURCE_DATE_EPOCH } : {},
  };
}
