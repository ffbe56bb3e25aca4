import { buildxProcess } from "../adapters/node/buildx/buildx-process.ts";
import { temporaryFile } from "../adapters/node/buildx/temporary-file.ts";
import { hostPorts } from "../adapters/node/host/host-ports.ts";
import type { World } from "../adapters/node/world.ts";
import type { Digest } from "../core/digest.ts";
import { formatPlatform, type Platform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import { buildShares, type Share } from "../engine/buildkit/build-shares.ts";
import { buildWithBuildkit } from "../engine/buildkit/engine.ts";
import { type DirectTarget, pushShare } from "../engine/buildkit/push-share.ts";
import type { BuildkitBuilder } from "../engine/buildkit/request.ts";
import type { EngineOption } from "../engine/choice/option.ts";
import type { BuildResult } from "../engine/engine.ts";
import type { Output } from "../engine/output/output.ts";
import type { SettledOutputs } from "../engine/output/settle-outputs.ts";
import { type BuildFacts, readBuildFacts, readBuildxAlone } from "../host/read-build-facts.ts";
import type { BlobReader } from "../image/blob-store.ts";
import { parseEpoch } from "../plan/epoch.ts";
import { builderShares, givenShares, type NodesOptions } from "./build-nodes.ts";
import { buildkitOption } from "./buildkit-option.ts";
import { buildkitRequest } from "./buildkit-request.ts";
import { parseBuildArgs, parsePlatforms } from "./flags.ts";
import { haveNodes, nodesBuilder } from "./nodes-option.ts";
import type { BuildRequest } from "./request.ts";
import type { Session } from "./session.ts";

/** A builder that does not answer by then would keep Buildx waiting for much longer. */
const DOCKER_ANSWERS_MS = 5000;

/** A build that BuildKit will do. */
export interface BuildkitBuild {
  readonly option: EngineOption;
  /** As `formatPlatform` prints them; empty: the builder's own. */
  readonly platforms: readonly string[];
  build(): Promise<{ readonly result: BuildResult; readonly epoch: number | undefined }>;
}

/**
 * Finds builder and nodes and makes ready. Nothing is built yet.
 * @param known  of the builder, where it was asked already
 * @throws {ProblemError} `buildx-unavailable` | `docker-unavailable` | `builder-unusable` | `node-failed` | `platform-*` | `usage`
 */
export async function buildkitBuild(
  request: BuildRequest,
  world: World,
  session: Session,
  { outputs, build: packing }: SettledOutputs,
  known?: BuildFacts,
): Promise<BuildkitBuild> {
  const target = request.directPush === true ? directTarget(outputs, request.verify === true) : undefined;
  const asked = parsePlatforms(request.platforms ?? [], world.buildPlatform);
  const epoch = parseEpoch(parseBuildArgs(request.buildArgs ?? [], world).get("SOURCE_DATE_EPOCH") ?? world.env.SOURCE_DATE_EPOCH ?? "");
  const { option, shares } = await sharesOf(request, asked, world, session, known);
  const platforms = asked.length > 0 ? asked : shares.flatMap((share) => share.platforms);
  return {
    option,
    platforms: platforms.map(formatPlatform),
    async build() {
      const words = buildkitRequest(request, world, platforms, packing, () => world.stdin());
      const ports = {
        buildx: buildxProcess({ env: world.env, cwd: world.cwd }),
        clock: world.clock,
        events: request.events ?? { emit: () => {} },
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      };
      const { client: registry, store } = session;
      const result =
        target === undefined
          ? await buildShares(words, shares, { ...ports, store: store.blobs }, { one: buildWithBuildkit, blobs: () => store.blobs })
          : await buildShares(
              words,
              shares,
              { ...ports, registry, temporaryFile: () => temporaryFile() },
              { one: (his, builder, hisPorts) => pushShare(his, builder, target, hisPorts), blobs: (results) => anyOf(results.map((one) => one.blobs)) },
            );
      return { result, epoch };
    },
  };
}

async function sharesOf(
  request: BuildRequest,
  platforms: readonly Platform[],
  world: World,
  { store }: Session,
  known: BuildFacts | undefined,
): Promise<{ readonly option: EngineOption; readonly shares: readonly Share[] }> {
  const given = request.nodes ?? [];
  const facts = known ?? (await factsFor(request, given.length > 0 && haveNodes(given, platforms), world));
  const buildx = facts.buildx.known ? facts.buildx.value.version : undefined;
  const { problem, ...option } = buildkitOption(facts, { programs: platforms });
  const builder: BuildkitBuilder = {
    ...(request.builder === undefined ? {} : { name: request.builder }),
    shown: `builder "${option.builder?.name ?? ""}"`,
    driver: option.builder?.driver ?? "unknown",
    buildx,
    env: {},
  };
  const nodes: NodesOptions = { world, folder: store.folder, buildx };
  if (given.length > 0) {
    // Without the program nothing can be said to any node.
    if (problem?.code === "buildx-unavailable") throw problem;
    const shares = givenShares(given, platforms, problem === undefined ? { builder } : { why: problem.message }, nodes);
    return { option: { ...option, builder: nodesBuilder(shares), against: [] }, shares };
  }
  if (problem !== undefined) throw problem;
  if (!facts.builder.known) throw new Error("a builder that is not known speaks against nothing");
  return { option, shares: builderShares(facts.builder.value, platforms, builder, nodes) };
}

async function factsFor({ builder, signal }: BuildRequest, nodesDoAll: boolean, world: World): Promise<BuildFacts> {
  const asking = { timeoutMs: DOCKER_ANSWERS_MS, ...(signal === undefined ? {} : { signal }) };
  if (nodesDoAll) return await readBuildxAlone(hostPorts(world), asking);
  return await readBuildFacts(hostPorts(world), { ...asking, ...(builder === undefined ? {} : { builder }) });
}

/**
 * Where a builder is to push by itself.
 * @throws {ProblemError} `usage` when anything else than a push is asked for, too
 */
function directTarget(outputs: readonly Output[], namedLater: boolean): DirectTarget {
  const [output, ...others] = outputs;
  const [name] = output?.type === "image" && output.push ? output.names : [];
  if (name === undefined || output?.type !== "image" || others.length > 0)
    throw new ProblemError("usage", {
      message: "--direct-push is for builds that are pushed, and go nowhere else",
      hint: "add --push and -t REGISTRY/REPOSITORY:TAG, and leave out other outputs; or leave out --direct-push",
    });
  const { tag: _, digest: __, ...repository } = name;
  return { repository, tags: output.names, insecure: output.insecure, namedLater };
}

/** One reader of several: whoever has a blob gives it. */
function anyOf(readers: readonly BlobReader[]): BlobReader {
  const holder = async (digest: Digest): Promise<BlobReader | undefined> => {
    for (const reader of readers) if ((await reader.stat(digest)) !== undefined) return reader;
    return undefined;
  };
  return {
    stat: async (digest) => (await holder(digest))?.stat(digest),
    async *open(digest, range) {
      const reader = (await holder(digest)) ?? readers[0];
      if (reader !== undefined) yield* reader.open(digest, range);
    },
  };
}
