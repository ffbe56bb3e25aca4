import { digestOf } from "../../core/digest.ts";
import type { BuildPlan, ContextVertex, CopySource, CopyVertex, FileSystem, Vertex, VertexId } from "../../plan/graph.ts";
import { takenBy } from "./file-systems.ts";

/** The plan with a layer that copies all of it in the place of each context that stages are built upon: only images are bases to this engine. */
export function withContextLayers(plan: BuildPlan): BuildPlan {
  const layers = new Map<VertexId, CopyVertex>();
  for (const vertex of plan.vertices) if (vertex.kind === "context") layers.set(vertex.id, wholeContext(vertex));
  const above = (files: FileSystem): FileSystem => {
    const layer = files.base === undefined ? undefined : layers.get(files.base);
    return layer === undefined ? files : { layers: [layer.id, ...files.layers] };
  };
  const source = (of: CopySource): CopySource => ("from" in of && typeof of.from !== "string" ? { ...of, from: above(of.from) } : of);
  const images = plan.images.map((image) => ({ ...image, files: above(image.files) }));
  const vertices = plan.vertices.map((vertex): Vertex => {
    if (vertex.kind === "copy") return { ...vertex, sources: vertex.sources.map(source) };
    if (vertex.kind !== "run") return vertex;
    const mounts = vertex.mounts.map((mount) => (mount.from === undefined || typeof mount.from === "string" ? mount : { ...mount, from: above(mount.from) }));
    return { ...vertex, on: above(vertex.on), mounts };
  });
  const used = new Set([...images, ...vertices.flatMap(filesOf)].flatMap(({ files }) => files.layers));
  const added = [...layers.values()].filter(({ id }) => used.has(id));
  return added.length === 0 ? plan : { ...plan, vertices: [...vertices, ...added], images };
}

function wholeContext({ id, name, platforms }: ContextVertex): CopyVertex {
  const operation = { sources: [{ from: id, paths: ["/"], unpack: false }], destination: "/", link: false, parents: false, exclude: [] };
  return { kind: "copy", id: digestOf(`all of the context ${id}`), name, platforms, ...operation };
}

function filesOf(vertex: Vertex): { readonly files: FileSystem }[] {
  if (vertex.kind !== "copy" && vertex.kind !== "run") return [];
  const taken = takenBy(vertex).flatMap((files) => (typeof files === "string" ? [] : [{ files }]));
  return vertex.kind === "run" ? [{ files: vertex.on }, ...taken] : taken;
}
