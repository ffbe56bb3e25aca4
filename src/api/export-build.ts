import { resolve } from "node:path";
import { dockerDaemon } from "../adapters/node/output/docker-daemon.ts";
import { outputFiles } from "../adapters/node/output/output-files.ts";
import { type World, writeSmallFile } from "../adapters/node/world.ts";
import { formatPlatform } from "../core/platform.ts";
import { parseReference, type Reference } from "../core/reference.ts";
import { exportCaches } from "../engine/cache/export-caches.ts";
import type { CacheTo } from "../engine/cache/spec.ts";
import type { BuildResult } from "../engine/engine.ts";
import { checkOutputs } from "../engine/output/check-outputs.ts";
import { type ExportReport, exportResult } from "../engine/output/export-result.ts";
import { imageIdOf, metadataOf } from "../engine/output/metadata.ts";
import type { Output } from "../engine/output/output.ts";
import type { ExportPorts } from "../engine/output/ports.ts";
import type { BuildOutcome, BuildRequest } from "./request.ts";
import type { Session } from "./session.ts";
import { storeNames } from "./store-names.ts";

/**
 * Refuses, before anything is built, outputs that could not hold what will be built.
 * @param platforms  as `formatPlatform` prints them; empty: one, that nobody named
 */
export async function refuseOutputs(outputs: readonly Output[], platforms: readonly string[], request: BuildRequest, world: World): Promise<void> {
  const facts = { platforms, stdoutIsTerminal: world.stdout.isTTY === true, iidfile: request.iidfile !== undefined };
  await checkOutputs(outputs, facts, dockerDaemon({ env: world.env }), request.signal);
}

/** Writes a result wherever it was asked for, and tells what came of it. */
export async function exportBuild(
  result: BuildResult,
  how: { readonly outputs: readonly Output[]; readonly caches: readonly CacheTo[]; readonly epoch: number | undefined },
  request: BuildRequest,
  world: World,
  { store, client }: Session,
): Promise<Omit<BuildOutcome, "engine">> {
  const ports: ExportPorts = {
    registry: client,
    files: outputFiles({ stdout: world.stdout, cwd: world.cwd }),
    docker: dockerDaemon({ env: world.env }),
    records: store.records,
    names: storeNames(store),
    events: request.events ?? { emit: () => {} },
    clock: world.clock,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  const reports: ExportReport[] = [];
  for (const output of how.outputs) reports.push(await exportResult(result, output, ports, how.epoch));
  await exportCaches(result, how.caches, ports, pushedTo(reports));
  const metadata = metadataOf(reports);
  if (request.metadataFile !== undefined) writeSmallFile(resolve(world.cwd, request.metadataFile), `${JSON.stringify(metadata, null, 2)}\n`);
  if (request.iidfile !== undefined) writeSmallFile(resolve(world.cwd, request.iidfile), imageIdOf(reports));
  return outcomeOf(result, reports, metadata);
}

/** Repositories on registries that have the image by now. */
const pushedTo = (reports: readonly ExportReport[]): readonly Pick<Reference, "registry" | "repository">[] =>
  reports.flatMap(({ output, names }) => (output.type === "image" && output.push ? names.map((name) => parseReference(name)) : []));

function outcomeOf(result: BuildResult, reports: readonly ExportReport[], metadata: Readonly<Record<string, unknown>>): Omit<BuildOutcome, "engine"> {
  const root = result.index ?? result.images[0]?.manifest;
  if (root === undefined) throw new Error("a build gave no image");
  return {
    digest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    images: result.images.map(({ platform, manifest }) => ({
      platform: formatPlatform(platform),
      digest: manifest.descriptor.digest,
      size: manifest.value.layers.reduce((sum, layer) => sum + layer.size, 0),
      layers: manifest.value.layers.map(({ digest, size }) => ({ digest, size })),
    })),
    imageId: result.index?.descriptor.digest ?? result.images[0]?.manifest.value.config.digest ?? root.descriptor.digest,
    outputs: reports.map(({ output }) => ({ type: output.type, ...("dest" in output && output.dest !== undefined ? { dest: output.dest } : {}) })),
    names: [...new Set(reports.flatMap((report) => report.names))],
    metadata,
  };
}
