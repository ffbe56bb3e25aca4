import type { Clock } from "../../core/clock.ts";
import type { Digest } from "../../core/digest.ts";
import type { Platform } from "../../core/platform.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import type { BlobReader, ByteStream } from "../../image/blob-store.ts";
import { type Folder, INDEX_FILE, openLayout } from "../../image/layout.ts";
import type { RegistryClient } from "../../registry/client/client.ts";
import type { CacheSource } from "../cache-entry.ts";
import type { EventSink } from "../event.ts";
import { layoutShelf, registryShelf, type Shelf } from "../images/shelf.ts";
import { step } from "../output/step.ts";
import type { CachedLayer } from "./document.ts";
import { readCache } from "./read-cache.ts";
import type { CacheFrom } from "./spec.ts";

export interface CacheReadPorts {
  readonly registry: RegistryClient;
  /** A folder as the user named it. */
  readonly folder: (path: string) => Folder;
  /** Those that are built: of an image with an inline cache only they are read. */
  readonly platforms: readonly Platform[];
  readonly events: EventSink;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Where a source's documents and blobs are; absent when there is nothing yet. */
interface Place {
  readonly shelf: Shelf;
  readonly blobs: BlobReader;
}

interface Opened {
  readonly entries: ReadonlyMap<Digest, CachedLayer>;
  readonly blobs?: BlobReader;
  /** As the entries tell them: a blob with another is none of theirs. */
  readonly sizes: ReadonlyMap<Digest, number>;
  /** True when an entry's layer is known to be missing or cut off; told once. */
  readonly lacks: (entry: CachedLayer) => Promise<boolean>;
}

const NOTHING: Opened = { entries: new Map(), sizes: new Map(), lacks: async () => true };

/**
 * Sources of layers for `BuildOptions.cacheFrom`. Each is read once, all at the same time, when one of them is first asked; one that is not there or cannot be read is
 * empty and says so as a warning. Their `find` throws only when the build is cancelled; `open` throws where the blob is missing, or has another size or content.
 */
export function openCacheSources(specs: readonly CacheFrom[], ports: CacheReadPorts): readonly CacheSource[] {
  const sources = specs.map((spec) => ({ spec, read: once(() => readSource(spec, ports)) }));
  const readAll = once(async () => {
    // One that throws is asked again by its own `find`.
    await Promise.allSettled(sources.map(({ read }) => read()));
  });
  return sources.map(({ spec, read }) => ({
    name: spec.shown,
    async find(key) {
      void readAll();
      const { entries, lacks } = await read();
      const entry = entries.get(key);
      return entry === undefined || (await lacks(entry)) ? undefined : entry;
    },
    async *open(digest) {
      try {
        const { blobs, sizes } = await read();
        const size = sizes.get(digest);
        if (blobs === undefined || size === undefined) throw new ProblemError("cache-invalid", { message: "the cache does not tell of it" });
        yield* ofSize(blobs.open(digest), size);
      } catch (error) {
        throw damagedLayer(spec, digest, error);
      }
    },
    ...(spec.type === "registry" ? { origin: { registry: spec.ref.registry, repository: spec.ref.repository } } : {}),
  }));
}

/** Of failures that another try does not heal: what to do about them. */
const DAMAGED: readonly string[] = ["digest-mismatch", "size-mismatch", "layout-invalid", "registry-not-found", "cache-invalid"];

const damagedLayer = (spec: CacheFrom, digest: Digest, error: unknown): unknown =>
  isProblem(error) && DAMAGED.includes(error.code)
    ? new ProblemError("cache-invalid", {
        message: `the layer ${digest} of --cache-from "${spec.shown}" cannot be used: ${error.message}`,
        hint: "leave that cache out, or let it be written again with --cache-to",
        facts: { digest },
        cause: error,
      })
    : error;

async function readSource(spec: CacheFrom, ports: CacheReadPorts): Promise<Opened> {
  ports.signal?.throwIfAborted();
  return await step(ports, `cache-from ${spec.shown}`, `importing cache from ${spec.shown}`, async () => {
    try {
      const place = spec.type === "registry" ? registryPlace(spec, ports) : await localPlace(spec, ports);
      if (place !== undefined) {
        const entries = await readCache(place.shelf, place.blobs, ports.platforms);
        const sizes = new Map([...entries.values()].map(({ layer }) => [layer.digest, layer.size]));
        return { entries, blobs: place.blobs, sizes, lacks: spec.type === "local" ? lacking(spec, place.blobs, ports) : async () => false };
      }
      warn(ports, `--cache-from "${spec.shown}" holds nothing yet`);
    } catch (error) {
      ports.signal?.throwIfAborted();
      if (!isProblem(error)) throw error;
      warn(ports, error.code === "registry-not-found" ? `--cache-from "${spec.shown}" holds nothing yet` : unusable(spec, error));
    }
    return NOTHING;
  });
}

const unusable = (spec: CacheFrom, { message, hint }: ProblemError): string =>
  `--cache-from "${spec.shown}" is not used: ${message}${hint === undefined ? "" : `; ${hint}`}`;

function registryPlace({ ref }: Extract<CacheFrom, { type: "registry" }>, { registry, signal }: CacheReadPorts): Place {
  return { shelf: registryShelf(registry, ref, undefined, signal), blobs: registry.blobs(ref, signal === undefined ? {} : { signal }) };
}

async function localPlace({ src, tag, digest }: Extract<CacheFrom, { type: "local" }>, ports: CacheReadPorts): Promise<Place | undefined> {
  const folder = ports.folder(src);
  if ((await folder.stat(INDEX_FILE)) === undefined) return undefined;
  const layout = await openLayout(folder, src);
  return { shelf: layoutShelf(layout, { kind: "layout", folder: src, ...(digest === undefined ? { tag } : { digest }) }), blobs: layout.blobs };
}

/** A registry looks after what its manifests name; in a folder, files are lost, and looking costs nothing. */
function lacking(spec: CacheFrom, blobs: BlobReader, ports: CacheReadPorts): Opened["lacks"] {
  let told = false;
  return async ({ layer }) => {
    const size = await blobs.stat(layer.digest).catch((error: unknown) => {
      if (!isProblem(error)) throw error;
      return undefined;
    });
    if (size === layer.size) return false;
    if (!told) warn(ports, `--cache-from "${spec.shown}" lacks layers that it tells of, such as ${layer.digest}: their steps are made again`);
    told = true;
    return true;
  };
}

/** The same bytes, cut off where they become more than they should be. */
async function* ofSize(stream: ByteStream, size: number): ByteStream {
  let seen = 0;
  const mismatch = (got: string): ProblemError =>
    new ProblemError("size-mismatch", { message: `it has ${got} bytes, and the cache says ${size}`, facts: { wanted: size } });
  for await (const chunk of stream) {
    seen += chunk.byteLength;
    if (seen > size) throw mismatch("more");
    yield chunk;
  }
  if (seen !== size) throw mismatch(`only ${seen}`);
}

const warn = ({ events, clock }: CacheReadPorts, message: string): void => events.emit({ type: "warning", message, atMs: clock.nowMs() });

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => (begun ??= work());
}
