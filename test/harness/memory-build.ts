import { memoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { memoryRecords } from "../../src/adapters/memory/records.ts";
import type { Clock } from "../../src/core/clock.ts";
import { type Digest, digestOf } from "../../src/core/digest.ts";
import { MEDIA_TYPE } from "../../src/core/media-type.ts";
import { byCodeUnit } from "../../src/core/order.ts";
import { formatPlatform, type Platform, parsePlatform } from "../../src/core/platform.ts";
import { ProblemError } from "../../src/core/problem.ts";
import { stableJson } from "../../src/core/stable-json.ts";
import type { BuildContext, ContextEntry } from "../../src/engine/context.ts";
import { embeddedEngine } from "../../src/engine/embedded/engine.ts";
import type { FileNode, FileView } from "../../src/engine/embedded/file-view.ts";
import { packFiles } from "../../src/engine/embedded/pack-step.ts";
import { contextView } from "../../src/engine/embedded/tree-view.ts";
import type { BuildOptions, BuildResult } from "../../src/engine/engine.ts";
import type { BuildEvent } from "../../src/engine/event.ts";
import type { FetchedFile, RemoteFetcher } from "../../src/engine/remote.ts";
import type { SandboxHost } from "../../src/engine/sandbox.ts";
import type { BlobReader, BlobStore } from "../../src/image/blob-store.ts";
import type { Descriptor } from "../../src/image/descriptor.ts";
import { encodeConfig, encodeManifest } from "../../src/image/encode.ts";
import type { LayerEntry } from "../../src/image/entry.ts";
import { indexLayer, readLayerContents } from "../../src/image/layer.ts";
import { Tree } from "../../src/image/tree.ts";
import type {
  BuildPlan,
  ContextVertex,
  CopySource,
  CopyVertex,
  FileSystem,
  ImageVertex,
  LayerVertex,
  RunVertex,
  Vertex,
  VertexId,
  WorkdirVertex,
} from "../../src/plan/graph.ts";
import type { RegistryClient } from "../../src/registry/client/client.ts";

/** A file in few words: its content, or what is unusual about it. A folder's path ends in `/`. */
export type Spec = string | (Partial<Omit<ContextEntry, "path" | "size">> & { readonly content?: string | Uint8Array });

/** When the files of a test were changed last: long before its clock. */
export const FILE_TIME = 1_600_000_000;
export const CLOCK_MS = 1_700_000_000_000;

export function entriesOf(specs: Readonly<Record<string, Spec>>): (ContextEntry & { readonly content: Uint8Array })[] {
  const all = new Map(Object.entries(specs).map(([path, spec]) => [path.replace(/\/$/, ""), entryOf(path, spec)]));
  for (const path of Array.from(all.keys())) {
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at);
      if (!all.has(folder)) all.set(folder, entryOf(`${folder}/`, {}));
    }
  }
  return [...all.values()].sort((a, b) => byCodeUnit(a.path, b.path));
}

function entryOf(path: string, given: Spec): ContextEntry & { content: Uint8Array } {
  const { content = "", ...rest } = typeof given === "string" ? { content: given } : given;
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const type = rest.type ?? (path.endsWith("/") ? "directory" : rest.link === undefined ? "file" : "symlink");
  const mode = type === "directory" ? 0o755 : type === "symlink" ? 0o777 : 0o644;
  return { path: path.replace(/\/$/, ""), mode, uid: 0, gid: 0, mtime: FILE_TIME, ...rest, type, size: type === "file" ? bytes.byteLength : 0, content: bytes };
}

export interface MemoryContext extends BuildContext {
  /** Paths in the order in which their content was asked for. */
  readonly opened: string[];
}

/** A build context in memory. Stamps follow content and time, as a folder's do. */
export function memoryContext(specs: Readonly<Record<string, Spec>>, gate: (path: string) => Promise<void> = async () => {}): MemoryContext {
  const entries = entriesOf(specs).map((entry) => ({
    ...entry,
    stamp: entry.stamp ?? `${entry.path} ${digestOf(entry.content)} ${entry.mtime} ${entry.mode}`,
  }));
  const contents = new Map(entries.map((entry) => [entry.path, entry.content]));
  const opened: string[] = [];
  return {
    name: "context",
    opened,
    entries: async () => entries.map(({ content: _content, ...entry }) => entry),
    async *open(entry) {
      opened.push(entry.path);
      await gate(entry.path);
      const content = contents.get(entry.path) as Uint8Array;
      for (let at = 0; at < content.byteLength; at += 65_536) yield content.subarray(at, at + 65_536);
    },
    close: async () => {},
  };
}

export const viewOf = (specs: Readonly<Record<string, Spec>>): FileView => {
  const context = memoryContext(specs);
  return contextView(
    context,
    entriesOf(specs).map(({ content: _content, ...entry }) => entry),
  );
};

const id = (...about: unknown[]): VertexId => digestOf(stableJson(about));

export function contextVertex(contextName?: string): ContextVertex {
  return {
    kind: "context",
    id: id("context", contextName ?? ""),
    name: "load build context",
    platforms: [],
    ...(contextName === undefined ? {} : { contextName }),
  };
}

export const CONTEXT = contextVertex();

/** A COPY from the main context unless told. */
export function copyVertex(
  destination: string,
  paths: readonly string[],
  more: Partial<CopyVertex> & { from?: VertexId | FileSystem; unpack?: boolean } = {},
): CopyVertex {
  const { from = CONTEXT.id, unpack = false, ...rest } = more;
  const sources: readonly CopySource[] = rest.sources ?? [{ from, paths, unpack }];
  const about = { link: false, parents: false, exclude: [], ...rest, sources, destination };
  return { kind: "copy", id: id("copy", about), name: `COPY ${paths.join(" ")} ${destination}`, platforms: [], ...about };
}

/** RUN of a program by its name, in /bin/sh. */
export function runVertex(program: string, on: FileSystem, more: Partial<RunVertex> = {}): RunVertex {
  const about = {
    on,
    platform: parsePlatform("linux/amd64"),
    arguments: ["/bin/sh", "-c", program],
    environment: ["A=b"],
    workdir: "/",
    user: "",
    mounts: [],
    devices: [],
    ...more,
  };
  return { kind: "run", id: id("run", about), name: `RUN ${program}`, platforms: [], ...about };
}

export function workdirVertex(path: string, more: Partial<WorkdirVertex> = {}): WorkdirVertex {
  return { kind: "workdir", id: id("workdir", path, more), name: `WORKDIR ${path}`, platforms: [], path, ...more };
}

export interface MemoryImage {
  readonly vertex: ImageVertex;
  readonly layers: readonly Descriptor[];
}

/** A registry in memory with images of our own making; `pulled` tells which blobs were opened. */
export interface MemoryRegistry {
  readonly client: RegistryClient;
  readonly store: BlobStore;
  readonly pulled: Digest[];
  image(
    platform: string,
    layers: readonly Readonly<Record<string, Spec>>[],
    more?: { readonly configPlatform?: string; readonly reference?: string },
  ): Promise<MemoryImage>;
}

export function memoryRegistry(): MemoryRegistry {
  const store = memoryBlobStore();
  const pulled: Digest[] = [];
  const reader: BlobReader = {
    stat: (digest) => store.stat(digest),
    open(digest, range) {
      pulled.push(digest);
      return store.open(digest, range);
    },
  };
  const client = { blobs: () => reader } as unknown as RegistryClient;
  return {
    client,
    store,
    pulled,
    async image(platform, layerSpecs, more = {}) {
      const packed = await Promise.all(
        layerSpecs.map((specs) =>
          packFiles(
            store,
            entriesOf(specs).map(({ content, ...entry }) => ({ entry: entry as LayerEntry, content: { kind: "bytes", bytes: content } })),
            { compression: "gzip" },
            new AbortController().signal,
          ),
        ),
      );
      const said = parsePlatform(more.configPlatform ?? platform);
      const config = {
        ...said,
        created: "2020-01-01T00:00:00Z",
        rootfs: { type: "layers" as const, diff_ids: packed.map(({ diffId }) => diffId) },
        history: packed.map((_, i) => ({ created: "2020-01-01T00:00:00Z", created_by: `layer ${i}` })),
      };
      const configBytes = encodeConfig(config);
      const layers = packed.map(({ digest, size }) => ({ mediaType: MEDIA_TYPE.ociLayerGzip, digest, size }));
      const manifest = encodeManifest({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociManifest,
        config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf(configBytes), size: configBytes.byteLength },
        layers,
      });
      const reference = `${more.reference ?? "registry.test/base"}@${manifest.descriptor.digest}`;
      const vertex: ImageVertex = {
        kind: "image",
        id: id("image", reference, platform),
        name: `FROM ${reference}`,
        platforms: [platform],
        reference,
        platform: parsePlatform(platform),
        manifest,
        config,
      };
      return { vertex, layers };
    },
  };
}

export interface PlannedStage {
  readonly platform: string;
  readonly base?: ImageVertex;
  readonly layers: readonly LayerVertex[];
}

/** A plan of one stage for each platform, and what other stages it needs. */
export function planFor(stages: readonly PlannedStage[], more: { readonly epoch?: number; readonly others?: readonly Vertex[] } = {}): BuildPlan {
  const vertices = new Map<VertexId, Vertex>([CONTEXT, ...(more.others ?? [])].map((vertex) => [vertex.id, vertex]));
  for (const { base, layers } of stages) for (const vertex of [...(base === undefined ? [] : [base]), ...layers]) vertices.set(vertex.id, vertex);
  return {
    vertices: [...vertices.values()],
    images: stages.map(({ platform, base, layers }) => {
      const parsed: Platform = parsePlatform(platform);
      return {
        platform: parsed,
        files: filesOf(base, layers),
        config: { ...parsed, config: { Env: ["A=b"] } },
        history: layers.map((vertex) => ({ created_by: vertex.name, comment: "buildkit.dockerfile.v0", layer: vertex.id })),
        baseHistory: base?.config.history ?? [],
      };
    }),
    ...(more.epoch === undefined ? {} : { epoch: more.epoch }),
    warnings: [],
  };
}

export const filesOf = (base: ImageVertex | undefined, layers: readonly LayerVertex[]): FileSystem => ({
  ...(base === undefined ? {} : { base: base.id }),
  layers: layers.map((vertex) => vertex.id),
});

/** A clock that a test sets. */
export class TestClock implements Clock {
  ms = CLOCK_MS;
  nowMs(): number {
    return this.ms;
  }
  async sleep(): Promise<void> {}
}

export interface Bench {
  readonly store: BlobStore;
  readonly records: ReturnType<typeof memoryRecords>;
  readonly clock: TestClock;
  readonly registry: MemoryRegistry;
  readonly events: BuildEvent[];
  /** Names of the vertices that were made and that were cached, of the last build. */
  made(): string[];
  cached(): string[];
  build(plan: BuildPlan, context?: BuildContext | Readonly<Record<string, BuildContext>>, options?: Partial<BuildOptions>): Promise<BuildResult>;
}

/** An engine over stores in memory, ready to build. */
export function bench(given: { readonly store?: BlobStore; readonly remote?: Partial<RemoteFetcher>; readonly sandbox?: SandboxHost } = {}): Bench {
  const store = given.store ?? memoryBlobStore();
  const records = memoryRecords();
  const clock = new TestClock();
  const registry = memoryRegistry();
  const events: BuildEvent[] = [];
  const refuse = (): never => {
    throw new ProblemError("download-failed", { message: "this test has no network" });
  };
  const names = (type: "vertex-done" | "vertex-cached"): string[] => {
    const byId = new Map(events.flatMap((event) => (event.type === "planned" ? event.vertices.map((vertex) => [vertex.id, vertex.name] as const) : [])));
    return events.flatMap((event) => (event.type === type ? [byId.get(event.vertex) as string] : []));
  };
  return {
    store,
    records,
    clock,
    registry,
    events,
    made: () => names("vertex-done"),
    cached: () => names("vertex-cached"),
    build(plan, context = memoryContext({}), options = {}) {
      events.length = 0;
      const contexts = "entries" in context ? { "": context as BuildContext } : (context as Record<string, BuildContext>);
      const engine = embeddedEngine({
        store,
        records,
        client: registry.client,
        contexts: async (name = "") => contexts[name] as BuildContext,
        remote: { file: refuse, git: refuse, ...given.remote },
        clock,
        exclusive: (_, act) => act(),
        ...(given.sandbox === undefined ? {} : { sandbox: given.sandbox }),
      });
      return engine.build(plan, {
        events: { emit: (event) => void events.push(event) },
        noCache: false,
        layers: { compression: "gzip", force: false },
        ociMediaTypes: true,
        annotations: [],
        ...options,
      });
    },
  };
}

/** A file as http would bring it. */
export function fetchedFile(content: string, mtime?: number): FetchedFile {
  const bytes = Buffer.from(content);
  return {
    size: bytes.byteLength,
    digest: digestOf(bytes),
    ...(mtime === undefined ? {} : { mtime }),
    async *open() {
      yield bytes;
    },
    close: async () => {},
  };
}

/** The image's files as lines, `path mode uid:gid mtime content`, read back from its layers. */
export async function filesIn(result: BuildResult, platform = "linux/amd64"): Promise<string[]> {
  const image = result.images.find((candidate) => formatPlatform(candidate.platform) === platform);
  if (image === undefined) throw new Error(`no ${platform}`);
  let tree = Tree.empty<string>();
  const contents = new Map<string, string>();
  for (const [i, layer] of image.manifest.value.layers.entries()) {
    const diffId = image.config.rootfs.diff_ids[i] as Digest;
    const index = await indexLayer(result.blobs, layer, { diffId });
    tree = tree.apply(index.entries, layer.digest);
    const paths = new Set(index.entries.map((entry) => entry.path));
    await readLayerContents(result.blobs, layer, paths, (entry) => {
      const chunks: Uint8Array[] = [];
      return {
        write: (chunk) => void chunks.push(Uint8Array.from(chunk)),
        end: () => void contents.set(`${layer.digest} ${entry.offset}`, Buffer.concat(chunks).toString()),
      };
    });
  }
  return [...tree.walk()]
    .slice(1)
    .map(([path, node]) => `${path} ${shown(node)} ${node.mtime}${node.type === "file" ? ` ${contents.get(`${node.source} ${node.offset}`)}` : ""}`);
}

const TYPE = { file: "-", directory: "d", symlink: "l", char: "c", block: "b", fifo: "p" } as const;

/** `d755 0:0`, `-4755 1:2`, `l777 0:0 -> target`. */
export function shown(node: Pick<FileNode, "type" | "mode" | "uid" | "gid"> & { readonly link?: string | undefined }): string {
  return `${TYPE[node.type]}${node.mode.toString(8)} ${node.uid}:${node.gid}${node.link === undefined ? "" : ` -> ${node.link}`}`;
}
