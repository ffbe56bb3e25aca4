import { inParallel } from "../../core/in-parallel.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { assertNever } from "../../core/never.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import { formatReference, type Reference } from "../../core/reference.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import { type Descriptor, describe } from "../../image/descriptor.ts";
import { encodeManifest } from "../../image/encode.ts";
import { REF_NAME, writeLayout } from "../../image/layout.ts";
import type { Document, Manifest } from "../../image/manifest.ts";
import { layerMediaType } from "../../image/pack.ts";
import { LAYERS_LIMIT } from "../../image/parse.ts";
import type { CacheEntry } from "../cache-entry.ts";
import type { BuildResult } from "../engine.ts";
import type { ExportPorts } from "../output/ports.ts";
import { step } from "../output/step.ts";
import { CACHE_MEDIA_TYPE, encodeCacheDocument } from "./document.ts";
import type { CacheTo, LocalCacheTo, RegistryCacheTo } from "./spec.ts";

export type CacheWritePorts = Pick<ExportPorts, "registry" | "files" | "events" | "clock" | "signal">;

type Repository = Pick<Reference, "registry" | "repository">;
type CachedBuild = Pick<BuildResult, "steps" | "blobs" | "images">;

/** Blobs that move to one registry at a time, as with images. */
const BLOBS_AT_ONCE = 5;

/**
 * Writes what a build made to its caches: blobs that are missing there, then the document, then the name. `type=inline` is the engine's business and nothing here.
 * @param pushed  repositories that have the images' layers by now: those are mounted from there
 * @throws {ProblemError} `registry-*` | `file-unwritable` | `disk-full` | `output-conflict` | `cache-invalid` (the folder is no layout), unless the target has
 *   `ignore-error`: then it is a warning
 */
export async function exportCaches(
  result: CachedBuild,
  targets: readonly CacheTo[],
  ports: CacheWritePorts,
  pushed: readonly Repository[] = [],
): Promise<void> {
  for (const target of targets) {
    if (target.type === "inline") continue;
    ports.signal?.throwIfAborted();
    const entries = entriesFor(target.mode, result.steps, (message) => warn(ports, `--cache-to "${target.shown}" ${message}`));
    const where = target.type === "registry" ? formatReference(target.ref) : target.dest;
    // As BuildKit does: what is there already is better than nothing.
    if (entries.length === 0) {
      warn(ports, `--cache-to "${target.shown}" is left as it is: the build has no step to be kept`);
      continue;
    }
    await step(ports, `cache-to ${target.shown}`, `exporting cache to ${where}`, async () => {
      try {
        await write(entries, result, target, ports, pushed);
      } catch (error) {
        ports.signal?.throwIfAborted();
        if (!target.ignoreError || !isProblem(error)) throw error;
        warn(ports, `the cache was not written to "${where}": ${error.message}`);
      }
    });
  }
}

/** Those that a manifest has room for: the images' own first. */
function entriesFor(mode: "min" | "max", steps: readonly CacheEntry[], tell: (message: string) => void): readonly CacheEntry[] {
  const published = steps.filter((entry) => entry.published);
  const wanted = mode === "min" ? published : [...published, ...steps.filter((entry) => !entry.published)];
  const layers = new Set<string>();
  const taken = wanted.filter(({ layer }) => {
    if (layers.size < LAYERS_LIMIT) layers.add(layer.digest);
    return layers.has(layer.digest);
  });
  if (taken.length < wanted.length) tell(`keeps ${LAYERS_LIMIT} layers, as many as a manifest may have; ${wanted.length - taken.length} steps are left out`);
  return taken;
}

async function write(
  entries: readonly CacheEntry[],
  result: CachedBuild,
  target: RegistryCacheTo | LocalCacheTo,
  ports: CacheWritePorts,
  pushed: readonly Repository[],
): Promise<void> {
  const config = encodeCacheDocument(entries);
  const manifest = manifestOf(entries, config, target.ociMediaTypes);
  switch (target.type) {
    case "registry":
      return await push(manifest, config, result, target.ref, ports, pushed);
    case "local":
      return await writeFolder(manifest, config, result.blobs, target, ports);
    default:
      assertNever(target);
  }
}

function manifestOf(entries: readonly CacheEntry[], config: Uint8Array, oci: boolean): Document<Manifest> {
  const layers = new Map<string, Descriptor>();
  for (const { layer } of entries) layers.set(layer.digest, { mediaType: layerMediaType(layer.compression, oci), digest: layer.digest, size: layer.size });
  return encodeManifest({
    schemaVersion: 2,
    mediaType: oci ? MEDIA_TYPE.ociManifest : MEDIA_TYPE.dockerManifest,
    config: describe(CACHE_MEDIA_TYPE, config),
    // In an order of their own, so that the same entries make the same cache.
    layers: [...layers.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
  });
}

async function push(
  manifest: Document<Manifest>,
  config: Uint8Array,
  result: CachedBuild,
  ref: Reference,
  ports: CacheWritePorts,
  pushed: readonly Repository[],
): Promise<void> {
  const { registry, events, clock } = ports;
  const signal = ports.signal === undefined ? {} : { signal: ports.signal };
  if ((await registry.head(ref, signal))?.digest === manifest.descriptor.digest) return;
  const near = (places: readonly Repository[]): readonly string[] =>
    places.filter((place) => place.registry === ref.registry && place.repository !== ref.repository).map((place) => place.repository);
  const open = openerOf(config, manifest, result.blobs);
  await inParallel([...manifest.value.layers, manifest.value.config], BLOBS_AT_ONCE, async ({ digest, size }) => {
    ports.signal?.throwIfAborted();
    const mountFrom = [...new Set([...near(pushed), ...near(result.images.flatMap(({ origins }) => origins.get(digest) ?? []))])];
    const emit = (doneBytes: number): void =>
      events.emit({ type: "transfer", direction: "push", blob: digest, doneBytes, totalBytes: size, atMs: clock.nowMs() });
    const how = await registry.putBlob(ref, { digest, size, open: () => open(digest) }, { mountFrom, onProgress: emit, ...signal });
    if (how === "uploaded") emit(size);
    else events.emit({ type: "transfer-saved", blob: digest, how, bytes: size, atMs: clock.nowMs() });
  });
  await registry.putManifest(ref, manifest.descriptor.mediaType, manifest.bytes, signal);
}

async function writeFolder(manifest: Document<Manifest>, config: Uint8Array, layers: BlobReader, target: LocalCacheTo, ports: CacheWritePorts): Promise<void> {
  const open = openerOf(config, manifest, layers);
  const root = { ...manifest.descriptor, annotations: { [REF_NAME]: target.tag } };
  const blobs: BlobReader = { stat: (digest) => layers.stat(digest), open };
  try {
    await ports.files.layout(target.dest, (folder) => writeLayout(folder, [{ root, names: [], blobs }], target.dest));
  } catch (error) {
    if (!isProblem(error) || !["layout-invalid", "manifest-invalid", "limit-exceeded"].includes(error.code)) throw error;
    throw new ProblemError("cache-invalid", {
      message: `the cache cannot be written to "${target.dest}": ${error.message}`,
      hint: "remove that folder, or name another with dest=",
      cause: error,
    });
  }
}

/** Layers from where they are, the two documents from memory. */
function openerOf(config: Uint8Array, manifest: Document<Manifest>, layers: BlobReader): BlobReader["open"] {
  const documents = new Map<string, Uint8Array>([
    [manifest.value.config.digest, config],
    [manifest.descriptor.digest, manifest.bytes],
  ]);
  return (digest, range) => {
    const bytes = documents.get(digest);
    if (bytes === undefined) return layers.open(digest, range);
    return (async function* () {
      yield bytes.subarray(range?.start ?? 0, range?.end);
    })();
  };
}

const warn = ({ events, clock }: CacheWritePorts, message: string): void => events.emit({ type: "warning", message, atMs: clock.nowMs() });
