import { type Digest, digestOf } from "../../core/digest.ts";
import { type PackOptions, packKey } from "../../image/pack.ts";
import type { BuildPlan, CopyVertex, FileSystem, LayerVertex, VertexId } from "../../plan/graph.ts";
import type { FetchedFile } from "../remote.ts";
import { below, fileSystemKey, layerVertex, vertexIndex } from "./file-systems.ts";
import type { Memo } from "./memo.ts";
import { mountSources } from "./run-key.ts";

export interface DefinitionsParts {
  readonly plan: BuildPlan;
  readonly memo: Memo;
  readonly epoch: number | undefined;
  readonly packOf: (files: FileSystem) => PackOptions;
  /** Digest of what a selection of a source holds, paths and contents; the same on every machine. */
  readonly selectionOf: (from: VertexId, paths: readonly string[], of?: Pick<CopyVertex, "exclude" | "parents">) => Promise<Digest>;
  readonly remote: (id: VertexId) => Promise<{ readonly file: FetchedFile } | object>;
}

/** Bump when what a key means changes: caches written before are then not found. */
const VERSION = 1;

/**
 * Keys of layers for external caches: see `CacheEntry.key`. Undefined where only making the step would tell (a git address without a commit).
 * The ids of vertices cover operations and base images; what is added here is what contexts and downloads hold.
 */
export function definitions(parts: DefinitionsParts): (files: FileSystem) => Promise<Digest | undefined> {
  const vertices = vertexIndex(parts.plan);

  const keyOf = (files: FileSystem): Promise<Digest | undefined> =>
    parts.memo.once(`definition ${fileSystemKey(files)}`, async () => {
      const top = files.layers.at(-1);
      if (top === undefined) return digestOf(files.base ?? "scratch");
      const vertex = layerVertex(vertices, top);
      const under = await keyOf(below(files));
      const inputs = await Promise.all(inputsOf(vertex));
      if (under === undefined || inputs.includes(undefined)) return undefined;
      const pack = parts.packOf(files);
      return digestOf(JSON.stringify([VERSION, under, vertex.id, inputs, pack.compression, packKey(pack), parts.epoch ?? "none"]));
    });

  function inputsOf(vertex: LayerVertex): Promise<Digest | undefined>[] {
    if (vertex.kind === "workdir") return [];
    if (vertex.kind === "run") {
      return mountSources(vertex).map(({ from, selector }) => taken(vertex, from, [selector]));
    }
    return vertex.sources.flatMap((source) => {
      if ("inline" in source) return [];
      return ["remote" in source ? downloaded(source.remote) : taken(vertex, source.from, source.paths)];
    });
  }

  async function taken(vertex: LayerVertex, from: VertexId | FileSystem, paths: readonly string[]): Promise<Digest | undefined> {
    if (typeof from !== "string") return keyOf(from);
    return vertices.get(from)?.kind === "image" ? from : parts.selectionOf(from, paths, vertex.kind === "copy" ? vertex : undefined);
  }

  async function downloaded(id: VertexId): Promise<Digest | undefined> {
    const vertex = vertices.get(id);
    if ((vertex?.kind === "http" || vertex?.kind === "git") && vertex.checksum !== undefined) return id;
    if (vertex?.kind !== "http") return undefined;
    const brought = await parts.remote(id);
    return "file" in brought ? (brought.file as FetchedFile).digest : undefined;
  }

  return keyOf;
}
