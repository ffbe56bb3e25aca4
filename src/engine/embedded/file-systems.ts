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

/** On how many different file systems each layer will be made: a vertex has ended when all of them are. */
export function countUses(plan: BuildPlan): Map<VertexId, number> {
  const vertices = vertexIndex(plan);
  const seen = new Set<string>();
  const uses = new Map<VertexId, number>();
  const visit = (files: FileSystem): void => {
    const top = files.layers.at(-1);
    if (top === undefined || seen.has(fileSystemKey(files))) return;
    seen.add(fileSystemKey(files));
    uses.set(top, (uses.get(top) ?? 0) + 1);
    visit(below(files));
    const vertex = layerVertex(vertices, top);
    if (vertex.kind !== "copy") return;
    for (const source of vertex.sources) if ("from" in source && typeof source.from !== "string") visit(source.from);
  };
  for (const image of plan.images) visit(image.files);
  return uses;
}

/** The file systems whose topmost layer is part of an image, by key: only these layers have to be packed. */
export function publishedLayers(plan: BuildPlan): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { files } of plan.images) for (let at = files; at.layers.length > 0; at = below(at)) keys.add(fileSystemKey(at));
  return keys;
}
