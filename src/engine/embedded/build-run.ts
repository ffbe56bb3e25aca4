import { setMaxListeners } from "node:events";
import type { Digest } from "../../core/digest.ts";
import { createGate } from "../../core/gate.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import { type BlobReader, type BlobStore, putBytes } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type PackOptions, UNCOMPRESSED } from "../../image/pack.ts";
import type { BuildPlan, FileSystem, ImagePlan, ImageVertex, VertexId } from "../../plan/graph.ts";
import { assembleIndex } from "../assemble-index.ts";
import type { CacheEntry } from "../cache-entry.ts";
import type { BuildOptions, BuildResult, BuiltImage } from "../engine.ts";
import { NO_RUN_SETTINGS } from "../run-settings.ts";
import { type AssembledImage, assembleImage } from "./assemble.ts";
import { type Bases, createBases, repositoryOf } from "./bases.ts";
import { withContextLayers } from "./context-layers.ts";
import { definitions } from "./definition.ts";
import type { EmbeddedEngineParts } from "./engine.ts";
import { countUses, dependenciesOf, fileSystemKey, layerVertex, neededFileSystems, publishedLayers, vertexIndex } from "./file-systems.ts";
import { bringBlob, type FoundLayers, foundLayers } from "./found-layers.ts";
import { madeLayers } from "./made-layers.ts";
import { Memo } from "./memo.ts";
import { repackLayer } from "./repack.ts";
import { resultBlobs } from "./result-blobs.ts";
import { runSteps } from "./run-step.ts";
import { createSelections } from "./selection.ts";
import { createSources } from "./sources.ts";
import { createStages, type StageLayer, type Stages } from "./stages.ts";
import { encodeStepResult, findStepResult, type StepResult, stepCache } from "./step-cache.ts";
import { stepRunner } from "./step-runner.ts";
import { stepShortcuts } from "./step-shortcut.ts";
import { vertexEvents } from "./vertex-events.ts";

/** Layers packed at the same time: each keeps the threads that compress busy by itself. */
const PACKS_AT_ONCE = 2;
/** Layers pulled at the same time, as in Docker. */
const PULLS_AT_ONCE = 3;
/** Layers unpacked at the same time: one process writes them all. */
const UNPACKS_AT_ONCE = 2;

/** Makes a plan that {@link checkPlan} has nothing against. When it throws, everything that it started has ended. */
export async function runBuild(parts: EmbeddedEngineParts, planned: BuildPlan, options: BuildOptions): Promise<BuildResult> {
  const plan = withContextLayers(planned);
  const { store, records, clock } = parts;
  const { events } = options;
  const nowMs = (): number => clock.nowMs();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const memo = new Memo();
  // A build of many layers waits for it in many places at once.
  setMaxListeners(0, signal);
  events.emit({ type: "planned", vertices: plan.vertices.map(({ id, name, platforms }) => ({ id, name, platforms })), atMs: nowMs() });
  const warn = (message: string): void => events.emit({ type: "warning", message, atMs: nowMs() });
  for (const message of plan.warnings) warn(message);
  const told = vertexEvents(events, nowMs, countUses(plan));
  const blobsOf = (vertex: ImageVertex, during: AbortSignal): BlobReader => readerOf(parts, vertex, during);
  const basesFor = (its: Memo, during: AbortSignal): Bases =>
    createBases({ store, records, blobsOf, events, nowMs, memo: its, signal: during, gate: createGate(PULLS_AT_ONCE) });
  const bases = basesFor(memo, signal);
  const pack = packOptions(options);
  const beganMs = nowMs();
  const cache = stepCache(store, records, beganMs);
  const packing = createGate(PACKS_AT_ONCE);
  const found = foundLayers(store, options.cacheFrom ?? [], memo, signal);
  const made = madeLayers({ store, records, memo, found });
  const vertices = vertexIndex(plan);
  const published = publishedLayers(plan);
  // What nobody gets but the programs of this build is not worth compressing.
  const packOf = (files: FileSystem): PackOptions => (published.has(fileSystemKey(files)) ? pack : UNCOMPRESSED);
  const { epoch } = plan;
  const packStep = stepRunner({ store, cache, memo, clock, events, signal, gate: packing, epoch, noCache: options.noCache });
  const selections = createSelections({
    cache,
    memo,
    signal,
    epoch,
    pack: packStep,
    sources: () => sources,
    stack: (files) => stages.stack(files),
    made,
    isImage: (id) => vertices.get(id)?.kind === "image",
  });
  const keyOf = definitions({
    plan,
    memo,
    epoch,
    packOf,
    selectionOf: (from, paths, of) => selections.digest(from, paths, of),
    remote: (id) => sources.remote(id),
  });
  const programs =
    parts.sandbox === undefined
      ? undefined
      : runSteps({
          store,
          records,
          memo,
          clock,
          events,
          warn,
          signal,
          epoch,
          noCache: options.noCache,
          settings: options.run ?? NO_RUN_SETTINGS,
          sandbox: parts.sandbox,
          exclusive: parts.exclusive,
          unpacking: createGate(UNPACKS_AT_ONCE),
          packing,
          selectionDigest: (from, selector) => selections.digest(from, [selector]),
          selectionLayers: (from, selector) => selections.layers(from, selector),
        });
  const shortcuts = stepShortcuts({
    store,
    records,
    epoch,
    packOf,
    stampOf: (id) => sources.stampOf(id),
    dependenciesOf: (vertex) => dependenciesOf(vertices, vertex),
  });
  const stages: Stages = createStages({
    plan,
    bases,
    memo,
    vertexEvents: told,
    warn,
    signal,
    nowMs,
    pack: packStep,
    run: programs?.run,
    packOf,
    made,
    shortcuts,
    elsewhere,
    noCache: options.noCache,
    fail: (error) => stop.abort(error),
    sources: () => sources,
  });
  const sources = createSources({
    plan,
    contexts: parts.contexts,
    remote: parts.remote,
    memo,
    vertexEvents: told,
    signal,
    beganMs,
    stageFiles: (files) => stages.files(files),
  });
  const force = options.layers.force ? { pack, repack: (layer: Descriptor) => repackLayer(store, records, layer, pack, signal) } : undefined;
  try {
    const preparing = prepareSandbox().catch(() => {});
    const images = await Promise.all(plan.images.map((image) => buildImage(image)));
    await preparing;
    const steps = options.exportsCache === true ? await allEntries() : [];
    told.unused(plan.vertices);
    const index =
      images.length > 1
        ? assembleIndex(
            images.map(({ manifest }) => manifest.descriptor),
            options,
          )
        : undefined;
    for (const { manifest, configBytes } of images) {
      await putBytes(store, configBytes);
      await putBytes(store, manifest.bytes);
    }
    if (index !== undefined) await putBytes(store, index.bytes);
    // What was left on its registry is pulled when somebody opens it, maybe long after the build.
    const later = basesFor(new Memo(), options.signal ?? new AbortController().signal);
    return {
      images: images.map(({ platform, manifest, config, origins }) => ({ platform, manifest, config, origins })),
      ...(index === undefined ? {} : { index }),
      attestations: [],
      blobs: resultBlobs(store, new Map([...baseLayers(plan, vertices, later), ...broughtLayers(store, found, options.signal)])),
      steps,
    };
  } catch (error) {
    stop.abort(error);
    await memo.settled();
    // The first failure is told, not what it brought about elsewhere.
    const first: unknown = stop.signal.reason;
    if (isProblem(first)) throw first;
    if (options.signal?.aborted !== true || isProblem(error)) throw error;
    throw new ProblemError("interrupted", { message: "the build was stopped", cause: error });
  } finally {
    await sources.close();
  }

  async function buildImage(image: ImagePlan): Promise<AssembledImage & BuiltImage> {
    const vertex = image.files.base === undefined ? undefined : imageVertex(vertices, image.files.base);
    const repacked = vertex === undefined || force === undefined ? undefined : repackBase(vertex, force.repack);
    const [steps, layers] = await Promise.all([stages.layers(image.files), repacked ?? vertex?.manifest.value.layers ?? []]);
    const base = vertex === undefined ? undefined : { vertex, layers };
    const inline = options.inlineCache === true ? await cacheEntries(steps) : [];
    return {
      ...assembleImage(image, base, steps, plan.epoch, { ...options, inline }),
      origins: new Map([...originsOf(vertex), ...foundOrigins(found, steps)]),
    };
  }

  /**
   * Opening the sandbox and unpacking bases takes a while: it is done beside all else, when a program was never run before. What keeps it from being done is told
   * when the program is to run.
   */
  async function prepareSandbox(): Promise<void> {
    if (programs === undefined || (options.cacheFrom ?? []).length > 0) return;
    for (const files of neededFileSystems(plan)) {
      const top = layerVertex(vertices, files.layers.at(-1) as VertexId);
      if (top.kind !== "run" || (!options.noCache && top.noCache !== true && (await shortcuts.knows(files)))) continue;
      await programs.makeReady(files.base === undefined ? [] : bases.stackOf(imageVertex(vertices, files.base)));
    }
  }

  /** What external caches have for a layer; nothing is asked where a step it depends on is to be made anew. */
  async function elsewhere(files: FileSystem): Promise<StepResult | undefined> {
    if ((options.cacheFrom ?? []).length === 0) return undefined;
    const top = layerVertex(vertices, files.layers.at(-1) as VertexId);
    if (dependenciesOf(vertices, top).some(({ noCache }) => noCache === true)) return undefined;
    const key = await keyOf(files);
    return key === undefined ? undefined : found.find(key);
  }

  /**
   * What was packed or found, and what nobody had to look at because what is made of it was there: else a cache that is read and written again would
   * forget the stages that are only copied from.
   */
  async function allEntries(): Promise<CacheEntry[]> {
    const packed = await stages.packed();
    const entries = await cacheEntries(packed);
    await Promise.all(entries.map((entry) => records.write("steps", definitionRecord(entry.key), encodeStepResult(entry))));
    const seen = new Set(packed.map(({ files }) => fileSystemKey(files)));
    const unseen = neededFileSystems(plan).filter((files) => !seen.has(fileSystemKey(files)));
    const others = unseen.map(async (files): Promise<CacheEntry[]> => {
      const key = await keyOf(files);
      if (key === undefined) return [];
      const known = (await found.find(key)) ?? (await findStepResult(store, await records.read("steps", definitionRecord(key))));
      return known === undefined ? [] : [{ key, ...known, published: published.has(fileSystemKey(files)) }];
    });
    return [...entries, ...(await Promise.all(others)).flat()];
  }

  async function cacheEntries(layers: readonly StageLayer[]): Promise<CacheEntry[]> {
    const entries = layers.map(async ({ files, result: { layer, createdMs } }): Promise<CacheEntry[]> => {
      const key = await keyOf(files);
      return key === undefined ? [] : [{ key, layer, createdMs, published: published.has(fileSystemKey(files)) }];
    });
    return (await Promise.all(entries)).flat();
  }

  function repackBase(vertex: ImageVertex, repack: (layer: Descriptor) => Promise<Descriptor>): Promise<readonly Descriptor[]> {
    return Promise.all(
      vertex.manifest.value.layers.map((layer) =>
        memo.once(`repack ${layer.digest}`, async () => {
          await bases.ensure(vertex, layer);
          return repack(layer);
        }),
      ),
    );
  }
}

const definitionRecord = (key: Digest): string => `definition ${key}`;

function readerOf(parts: EmbeddedEngineParts, vertex: ImageVertex, signal: AbortSignal): BlobReader {
  const layout = parts.layoutBlobs?.(vertex.reference);
  if (layout !== undefined) return layout;
  const repository = repositoryOf(vertex);
  if (repository === undefined) throw new Error(`nothing was given to read ${vertex.reference} with`);
  const sizes = new Map(vertex.manifest.value.layers.map(({ digest, size }) => [digest, size]));
  return parts.client.blobs(repository, { signal, sizes });
}

function packOptions({ layers }: BuildOptions): PackOptions {
  const { compression, level, deflate, watch } = layers;
  if (compression !== "gzip" && compression !== "uncompressed") throw new Error(`check let the compression ${compression} through`);
  return { compression, ...(level === undefined ? {} : { level }), ...(deflate === undefined ? {} : { deflate }), watch };
}

function imageVertex(vertices: ReturnType<typeof vertexIndex>, id: VertexId): ImageVertex {
  const vertex = vertices.get(id);
  if (vertex?.kind === "image") return vertex;
  throw new Error(`the plan builds upon ${id}, which is no image`);
}

function originsOf(vertex: ImageVertex | undefined): BuiltImage["origins"] {
  const repository = vertex === undefined ? undefined : repositoryOf(vertex);
  if (vertex === undefined || repository === undefined) return new Map();
  return new Map(vertex.manifest.value.layers.map((layer) => [layer.digest, [repository]]));
}

/** Layers that are in the store only when somebody has needed them. */
function broughtLayers(store: BlobStore, found: FoundLayers, signal = new AbortController().signal): Map<Digest, { size: number; bring: () => Promise<void> }> {
  return new Map([...found.found].map(([digest, { size, source }]) => [digest, { size, bring: () => bringBlob(store, source, digest, size, signal) }]));
}

function foundOrigins(found: FoundLayers, steps: readonly StageLayer[]): BuiltImage["origins"] {
  return new Map(
    steps.flatMap(({ result: { layer } }) => {
      const origin = found.originOf(layer.digest);
      return origin === undefined ? [] : [[layer.digest, [origin]] as const];
    }),
  );
}

function baseLayers(plan: BuildPlan, vertices: ReturnType<typeof vertexIndex>, bases: Bases): Map<Digest, { size: number; bring: () => Promise<void> }> {
  const found = new Map<Digest, { size: number; bring: () => Promise<void> }>();
  for (const { files } of plan.images) {
    if (files.base === undefined) continue;
    const vertex = imageVertex(vertices, files.base);
    for (const layer of vertex.manifest.value.layers) found.set(layer.digest, { size: layer.size, bring: () => bases.ensure(vertex, layer) });
  }
  return found;
}
