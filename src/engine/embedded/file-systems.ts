import type { BuildPlan, FileSystem, LayerVertex, Vertex, VertexId } from "../../plan/graph.ts";

/** The same for the same files. */
export const fileSystemKey = ({ base, layers }: FileSystem): string => `${base ?? "scratch"} ${layers.join(" ")}`;

/** The files below the topmost layer. */
export const below = (files: FileSystem): FileSystem => ({ ...files, layers: files.layers.slice(0, -1) });

export const vertexIndex = (plan: BuildPlan): ReadonlyMap<VertexId, Vertex> => new Map(plan.vertices.map((vertex) => [vertex.id, vertex]));

/** The vertex of a layer. A plan that lacks it is a bug of whoever made the plan. */
export function layerVertex(vertices: ReadonlyMap<VertexId, Vertex>, id: VertexId): LayerVertex {
  const vertex = vertices.get(id);
  if (vertex?.kind === "copy" || vertex?.kind === "workdir" || vertex?.kind === "run") return vertex;
  throw new Error(`the plan has no layer ${id}`);
}

/** Every file system with a layer on top that images and their steps are made of, each once. */
export function neededFileSystems(plan: BuildPlan): readonly FileSystem[] {
  const vertices = vertexIndex(plan);
  const found = new Map<string, FileSystem>();
  const visit = (files: FileSystem): void => {
    const top = files.layers.at(-1);
    if (top === undefined || found.has(fileSystemKey(files))) return;
    found.set(fileSystemKey(files), files);
    visit(below(files));
    for (const from of stagesUsedBy(layerVertex(vertices, top))) visit(from);
  };
  for (const image of plan.images) visit(image.files);
  return [...found.values()];
}

/** On how many different file systems each layer will be made: a vertex has ended when all of them are. */
export function countUses(plan: BuildPlan): Map<VertexId, number> {
  const uses = new Map<VertexId, number>();
  for (const { layers } of neededFileSystems(plan)) {
    const top = layers.at(-1) as VertexId;
    uses.set(top, (uses.get(top) ?? 0) + 1);
  }
  return uses;
}

/** A stage that the topmost layer of `user` takes from. */
export interface StageUse {
  readonly user: FileSystem;
  readonly from: FileSystem;
}

/** For each layer of a stage: the stages that it and the layers above it take from. */
export function stagesAbove(plan: BuildPlan): ReadonlyMap<string, readonly StageUse[]> {
  const vertices = vertexIndex(plan);
  const found = new Map<string, StageUse[]>();
  for (const user of neededFileSystems(plan)) {
    const used = stagesUsedBy(layerVertex(vertices, user.layers.at(-1) as VertexId)).map((from) => ({ user, from }));
    if (used.length === 0) continue;
    for (let at = user; at.layers.length > 0; at = below(at)) found.set(fileSystemKey(at), [...(found.get(fileSystemKey(at)) ?? []), ...used]);
  }
  return found;
}

/** What a layer takes from beside the files below it: contexts, images and downloads by their vertex, stages by their files. */
export function takenBy(vertex: LayerVertex): (VertexId | FileSystem)[] {
  if (vertex.kind === "copy") return vertex.sources.flatMap((source) => ("from" in source ? [source.from] : "remote" in source ? [source.remote] : []));
  if (vertex.kind === "run") return vertex.mounts.flatMap(({ from }) => (from === undefined ? [] : [from]));
  return [];
}

const stagesUsedBy = (vertex: LayerVertex): FileSystem[] => takenBy(vertex).filter((from) => typeof from !== "string");

/** Every vertex that a layer depends on beside the files below it in its own stage, in a fixed order: those of other stages with all that these depend on. */
export function dependenciesOf(vertices: ReadonlyMap<VertexId, Vertex>, vertex: LayerVertex): readonly Vertex[] {
  const found = new Map<VertexId, Vertex>();
  const add = (id: VertexId): void => {
    const held = vertices.get(id);
    if (held === undefined || found.has(id)) return;
    found.set(id, held);
    if (held.kind === "copy" || held.kind === "run" || held.kind === "workdir") visit(held);
  };
  const visit = (layer: LayerVertex): void => {
    for (const from of takenBy(layer)) {
      if (typeof from === "string") add(from);
      else for (const id of from.base === undefined ? from.layers : [from.base, ...from.layers]) add(id);
    }
  };
  visit(vertex);
  return [...found.values()];
}

/** The file systems whose topmost layer is part of an image, by key: only these layers have to be packed. */
export function publishedLayers(plan: BuildPlan): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { files } of plan.images) for (let at = files; at.layers.length > 0; at = below(at)) keys.add(fileSystemKey(at));
  return keys;
}

/** The file systems that some RUN is upon, or takes files from, by key: all of their layers have to be packed, to be unpacked where the program runs. */
export function layersForPrograms(plan: BuildPlan): ReadonlySet<string> {
  const keys = new Set<string>();
  const add = (files: FileSystem): void => {
    for (let at = files; at.layers.length > 0; at = below(at)) keys.add(fileSystemKey(at));
  };
  for (const vertex of plan.vertices) {
    if (vertex.kind !== "run") continue;
    add(vertex.on);
    // What the program makes is a layer like these.
    keys.add(fileSystemKey({ ...vertex.on, layers: [...vertex.on.layers, vertex.id] }));
    for (const from of stagesUsedBy(vertex)) add(from);
  }
  return keys;
}
