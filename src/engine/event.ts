import type { Digest } from "../core/digest.ts";
import type { ProblemError } from "../core/problem.ts";
import type { VertexId } from "../plan/graph.ts";

/** Everything a build can say. Renderers switch on `type`; `assertNever` makes a missing case a type error. Times are milliseconds since 1970. */
export type BuildEvent =
  /** Before all others, once: which engine builds, and why. `builder` for people, absent for the embedded engine. */
  | { readonly type: "engine-chosen"; readonly engine: "embedded" | "buildkit"; readonly builder?: string; readonly why: string; readonly atMs: number }
  /** What will be done: once by the embedded engine; by BuildKit never, for it tells its vertices as it finds them. */
  | {
      readonly type: "planned";
      readonly vertices: readonly { readonly id: VertexId; readonly name: string; readonly platforms: readonly string[] }[];
      readonly atMs: number;
    }
  /** Again after its end, when the builder takes it up anew: BuildKit looks a base up first and pulls it later, if it must. */
  | { readonly type: "vertex-started"; readonly vertex: VertexId; readonly name: string; readonly platforms: readonly string[]; readonly atMs: number }
  /** Its result was there already. Ends the vertex. */
  | { readonly type: "vertex-cached"; readonly vertex: VertexId; readonly name: string; readonly platforms: readonly string[]; readonly atMs: number }
  | { readonly type: "vertex-done"; readonly vertex: VertexId; readonly atMs: number }
  | { readonly type: "vertex-failed"; readonly vertex: VertexId; readonly problem: ProblemError; readonly atMs: number }
  /** Output of a program that the vertex runs. */
  | { readonly type: "vertex-output"; readonly vertex: VertexId; readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array; readonly atMs: number }
  /** Bytes moved for a blob: `pull` and `push` over the network, `pack` while a layer is compressed. `totalBytes` absent when unknown. */
  | {
      readonly type: "transfer";
      readonly direction: "pull" | "push" | "pack";
      readonly blob: Digest | string;
      readonly doneBytes: number;
      readonly totalBytes?: number;
      readonly atMs: number;
    }
  /** A push of a blob that moved nothing: `exists` there, or was `mounted` from another repository. */
  | { readonly type: "transfer-saved"; readonly blob: Digest; readonly how: "exists" | "mounted"; readonly bytes: number; readonly atMs: number }
  /** A step outside the graph: exporting, pushing a tag, writing a file. */
  | { readonly type: "step-started"; readonly step: string; readonly name: string; readonly atMs: number }
  | { readonly type: "step-done"; readonly step: string; readonly atMs: number }
  | { readonly type: "warning"; readonly message: string; readonly atMs: number };

/** Takes what a build tells, as it happens; must neither throw nor wait. */
export interface EventSink {
  emit(event: BuildEvent): void;
}
