import { positionOf } from "../../core/span.ts";
import type { Vertex } from "../../plan/graph.ts";

/** `Dockerfile:12`, or the vertex's name where no line asks for it. */
export function whereIs(vertex: Vertex): string {
  if (vertex.place === undefined) return vertex.name;
  return `${vertex.place.file.name}:${positionOf(vertex.place.file, vertex.place.span.start).line}`;
}
