import { resolve } from "node:path";
import { dockerDaemon } from "../adapters/node/output/docker-daemon.ts";
import { outputFiles } from "../adapters/node/output/output-files.ts";
import { nodeWorld, type World, writeSmallFile } from "../adapters/node/world.ts";
import { formatPlatform } from "../core/platform.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { parseReference, type Reference } from "../core/reference.ts";
import { exportCaches } from "../engine/cache/export-caches.ts";
import { embeddedEngine } from "../engine/embedded/engine.ts";
import type { BuildOptions, BuildResult, LayerOptions } from "../engine/engine.ts";
import { checkOutputs } from "../engine/output/check-outputs.ts";
import { type ExportReport, exportResult } from "../engine/output/export-result.ts";
import { imageIdOf, metadataOf } from "../engine/output/metadata.ts";
import { insecureRegistries } from "../engine/output/output.ts";
import { parseOutput } from "../engine/output/parse-output.ts";
import type { ExportPorts } from "../engine/output/ports.ts";
import { type SettledOutputs, settleOutputs } from "../engine/output/settle-outputs.ts";
import { GZIP_DEFAULT_LEVEL } from "../image/gzip.ts";
import { openCaches, parseCaches } from "./caches.ts";
import { parseAnnotations } from "./flags.ts";
import { prepared } from "./prepare.ts";
import { withPrograms } from "./programs.ts";
import { refuseUnsupported, withoutEffect } from "./refuse.ts";
import type { BuildOutcome, BuildRequest } from "./request.ts";
import { withSession } from "./session.ts";
import { storeNames } from "./store-names.ts";

/**
 * Builds, and writes the result wherever it was asked for.
 * @throws {ProblemError} the first failure; nothing half-written stays
 */
export async function build(request: BuildRequest = {}, world: World = nodeWorld()): Promise<BuildOutcome> {
  refuseUnsupported(request);
  const { outputs, build: packing } = settled(request);
  const events = request.events ?? { emit: () => {} };
  const warn = (message: string): void => events.emit({ type: "warning", message, atMs: world.clock.nowMs() });
  const signal = request.signal === undefined ? {} : { signal: request.signal };
  const caches = parseCaches(request);
  const insecure = [...(request.insecureRegistries ?? []), ...insecureRegistries(outputs), ...caches.insecureRegistries];
  return await withSession(world, { ...request, insecureRegistries: insecure }, (session) =>
    prepared(request, world, session, ({ plan, notes, ...sources }) =>
      withPrograms(request, world, session, plan, async ({ sandbox, run, notes: runNotes }) => {
        const { store, client } = session;
        for (const warning of [...notes, ...plan.warnings, ...caches.warnings, ...runNotes, ...withoutEffect(request, plan)]) warn(warning);
        const engine = embeddedEngine({
          store: store.blobs,
          records: store.records,
          exclusive: store.exclusive,
          client,
          clock: world.clock,
          ...sources,
          ...(sandbox === undefined ? {} : { sandbox }),
        });
        const platforms = plan.images.map(({ platform }) => platform);
        const options: BuildOptions = {
          events,
          noCache: request.noCache ?? false,
          ...signal,
          ...packing,
          layers: plan.epoch === undefined ? packing.layers : await reproducible(packing.layers, world, warn),
          run,
          cacheFrom: openCaches(caches, world, { client, platforms, events, signal: request.signal }),
          exportsCache: caches.to.some(({ type }) => type !== "inline"),
          inlineCache: caches.inline,
        };
        refuseAll(await engine.check(plan, options));
        const docker = dockerDaemon({ env: world.env });
        const facts = {
          platforms: plan.images.map(({ platform }) => formatPlatform(platform)),
          stdoutIsTerminal: world.stdout.isTTY === true,
          iidfile: request.iidfile !== undefined,
        };
        await checkOutputs(outputs, facts, docker, request.signal);
        const result = await engine.build(plan, options);
        // No program runs any more; whoever opened it waits for its end.
        sandbox?.close().catch(() => {});
        const ports: ExportPorts = {
          registry: client,
          files: outputFiles({ stdout: world.stdout, cwd: world.cwd }),
          docker,
          records: store.records,
          names: storeNames(store),
          events,
          clock: world.clock,
          ...signal,
        };
        const reports: ExportReport[] = [];
        for (const output of outputs) reports.push(await exportResult(result, output, ports, plan.epoch));
        await exportCaches(result, caches.to, ports, pushedTo(reports));
        const metadata = metadataOf(reports);
        if (request.metadataFile !== undefined) writeSmallFile(resolve(world.cwd, request.metadataFile), `${JSON.stringify(metadata, null, 2)}\n`);
        if (request.iidfile !== undefined) writeSmallFile(resolve(world.cwd, request.iidfile), imageIdOf(reports));
        return outcomeOf(result, reports, metadata);
      }),
    ),
  );
}

/** Layers that get the same bytes on other machines; where that cannot be, the user is told. */
async function reproducible(layers: LayerOptions, world: World, warn: (message: string) => void): Promise<LayerOptions> {
  const { compression, level = GZIP_DEFAULT_LEVEL } = layers;
  if (compression !== "gzip" || (await world.compressesAsElsewhere(level))) return layers;
  if (level === GZIP_DEFAULT_LEVEL) return { ...layers, deflate: "own" };
  warn(
    `this Node's zlib compresses to other bytes than most do at level ${level}: digests will be the same on machines like this one only; see docs/reproducible.md`,
  );
  return layers;
}

/** Every reason at once; the first one's act helps against its like too. */
function refuseAll(reasons: readonly Error[]): void {
  const [first, ...rest] = reasons;
  if (first === undefined) return;
  if (!isProblem(first) || rest.length === 0) throw first;
  throw new ProblemError(first.code, { message: [...new Set(reasons.map((reason) => reason.message))].join("\n"), hint: first.hint, facts: first.facts });
}

/** Without any output the image is kept in the store, under its tags. */
function settled(request: BuildRequest): SettledOutputs {
  const given = (request.outputs ?? []).map(parseOutput);
  const push = request.push ?? false;
  const load = request.load ?? false;
  return settleOutputs({
    outputs: given.length === 0 && !push && !load ? [parseOutput("type=image")] : given,
    push,
    load,
    tags: request.tags ?? [],
    annotations: parseAnnotations(request.annotations ?? []),
  });
}

/** Repositories on registries that have the image by now. */
const pushedTo = (reports: readonly ExportReport[]): readonly Pick<Reference, "registry" | "repository">[] =>
  reports.flatMap(({ output, names }) => (output.type === "image" && output.push ? names.map((name) => parseReference(name)) : []));

function outcomeOf(result: BuildResult, reports: readonly ExportReport[], metadata: Readonly<Record<string, unknown>>): BuildOutcome {
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
