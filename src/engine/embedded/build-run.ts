import type { Digest } from "../../core/digest.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import { type BlobReader, putBytes } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { PackOptions } from "../../image/pack.ts";
import type { BuildPlan, ImagePlan, ImageVertex, VertexId } from "../../plan/graph.ts";
import { createGate } from "../../registry/client/gate.ts";
import type { BuildOptions, BuildResult, BuiltImage } from "../engine.ts";
import { type AssembledImage, assembleImage, assembleIndex } from "./assemble.ts";
import { type Bases, createBases, repositoryOf } from "./bases.ts";
import { withContextLayers } from "./context-layers.ts";
import type { EmbeddedEngineParts } from "./engine.ts";
import { countUses, vertexIndex } from "./file-systems.ts";
import { Memo } from "./memo.ts";
import { repackLayer } from "./repack.ts";
import { resultBlobs } from "./result-blobs.ts";
import { createSources } from "./sources.ts";
import { createStages, type Stages } from "./stages.ts";
import { stepCache } from "./step-cache.ts";
import { stepRunner } from "./step-runner.ts";
import { stepShortcuts } from "./step-shortcut.ts";
import { vertexEvents } from "./vertex-events.ts";

/** Layers packed at the same time: each keeps the threads that compress busy by itself. */
const PACKS_AT_ONCE = 2;
/** Layers pulled at the same time, as in Docker. */
const PULLS_AT_ONCE = 3;

/** Makes a plan that {@link checkPlan} has nothing against. When it throws, everything that it started has ended. */
export async function runBuild(parts: EmbeddedEngineParts, planned: BuildPlan, options: BuildOptions): Promise<BuildResult> {
  const plan = withContextLayers(planned);
  const { store, records, clock } = parts;
  const { events } = options;
  const nowMs = (): number => clock.nowMs();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const memo = new Memo();
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
  const run = stepRunner({
    store,
    cache: stepCache(store, records, beganMs),
    memo,
    clock,
    events,
    signal,
    gate: createGate(PACKS_AT_ONCE),
    pack,
    epoch: plan.epoch,
    noCache: options.noCache,
  });
  const shortcuts = stepShortcuts({ store, records, pack, epoch: plan.epoch, stampOf: (id) => sources.stampOf(id) });
  const stages: Stages = createStages({
    plan,
    bases,
    memo,
    vertexEvents: told,
    warn,
    signal,
    nowMs,
    run,
    shortcuts,
    noCache: options.noCache,
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
  const vertices = vertexIndex(plan);
  const force = options.layers.force ? { pack, repack: (layer: Descriptor) => repackLayer(store, records, layer, pack, signal) } : undefined;
  try {
    const images = await Promise.all(plan.images.map((image) => buildImage(image)));
    told.unused(plan.vertices);
    const index = images.length > 1 ? assembleIndex(images, options) : undefined;
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
      blobs: resultBlobs(store, baseLayers(plan, vertices, later)),
    };
  } catch (error) {
    stop.abort(error);
    await memo.settled();
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
    return { ...assembleImage(image, base, steps, plan.epoch, options), origins: originsOf(vertex) };
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

function readerOf(parts: EmbeddedEngineParts, vertex: ImageVertex, signal: AbortSignal): BlobReader {
  const layout = parts.layoutBlobs?.(vertex.reference);
  if (layout !== undefined) return layout;
  const repository = repositoryOf(vertex);
  if (repository === undefined) throw new Error(`nothing was given to read ${vertex.reference} with`);
  const sizes = new Map(vertex.manifest.value.layers.map(({ digest, size }) => [digest, size]));
  return parts.client.blobs(repository, { signal, sizes });
}

function packOptions({ layers }: BuildOptions): PackOptions {
  const { compression, level, deflate } = layers;
  if (compression !== "gzip" && compression !== "uncompressed") throw new Error(`check let the compression ${compression} through`);
  return { compression, ...(level === undefined ? {} : { level }), ...(deflate === undefined ? {} : { deflate }) };
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

function baseLayers(plan: BuildPlan, vertices: ReturnType<typeof vertexIndex>, bases: Bases): Map<Digest, { size: number; bring: () => Promise<void> }> {
  const found = new Map<Digest, { size: number; bring: () => Promise<void> }>();
  for (const { files } of plan.images) {
    if (files.base === undefined) continue;
    const vertex = imageVertex(vertices, files.base);
    for (const layer of vertex.manifest.value.layers) found.set(layer.digest, { size: layer.size, bring: () => bases.ensure(vertex, layer) });
  }
  return found;
}
