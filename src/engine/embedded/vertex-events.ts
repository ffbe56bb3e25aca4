import { isProblem } from "../../core/problem.ts";
import type { Vertex, VertexId } from "../../plan/graph.ts";
import type { EventSink } from "../event.ts";

/** Tells the sink when each vertex starts and ends: it may be made on several file systems, and ends once, with the last of them. */
export interface VertexEvents {
  started(vertex: Vertex): void;
  ended(vertex: Vertex, how: "made" | "cached"): void;
  failed(vertex: Vertex, error: unknown): void;
  /** Ends what was never needed, because what it would have given was there. */
  unused(vertices: readonly Vertex[]): void;
}

export function vertexEvents(events: EventSink, nowMs: () => number, uses: ReadonlyMap<VertexId, number>): VertexEvents {
  const states = new Map<VertexId, { left: number; made: boolean; over: boolean }>();
  return {
    started(vertex) {
      if (states.has(vertex.id)) return;
      states.set(vertex.id, { left: uses.get(vertex.id) ?? 1, made: false, over: false });
      events.emit({ type: "vertex-started", vertex: vertex.id, name: vertex.name, platforms: vertex.platforms, atMs: nowMs() });
    },
    ended(vertex, how) {
      const state = states.get(vertex.id);
      if (state === undefined || state.over) return;
      state.left--;
      state.made ||= how === "made";
      if (state.left > 0) return;
      state.over = true;
      if (state.made) events.emit({ type: "vertex-done", vertex: vertex.id, atMs: nowMs() });
      else events.emit({ type: "vertex-cached", vertex: vertex.id, name: vertex.name, platforms: vertex.platforms, atMs: nowMs() });
    },
    failed(vertex, error) {
      const state = states.get(vertex.id);
      if (state === undefined || state.over || !isProblem(error)) return;
      state.over = true;
      events.emit({ type: "vertex-failed", vertex: vertex.id, problem: error, atMs: nowMs() });
    },
    unused(vertices) {
      for (const { id, name, platforms } of vertices) {
        if (!states.has(id)) events.emit({ type: "vertex-cached", vertex: id, name, platforms, atMs: nowMs() });
      }
    },
  };
}
