import { digestOf } from "../core/digest.ts";
import { formatPlatform, type Platform } from "../core/platform.ts";
import { stableJson } from "../core/stable-json.ts";
import type { FileSystem, Vertex, VertexId } from "./graph.ts";

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
/** A vertex but for what only the whole plan can tell. */
export type VertexDraft = Without<Vertex, "id" | "name" | "platforms">;

/** What progress shows of a step: `[linux/arm64 build 2/4] COPY . .`. */
export interface StepLabel {
  /** Stage and count, `build 2/4`; absent for what belongs to no stage. */
  readonly step?: string;
  /** Platform of the stage, with `->arm64` behind it where it builds for another one. */
  readonly platform: string;
  readonly text: string;
}

/** The plan's vertices while it is made: equal work asked for twice is one vertex. */
export class VertexTable {
  readonly #drafts = new Map<VertexId, { readonly draft: VertexDraft; readonly label: StepLabel }>();
  readonly #anew = new Set<VertexId>();

  /** @param operation  all that decides what the vertex makes; names, places and whom it serves are no part of it */
  add(operation: object, draft: VertexDraft, label: StepLabel, noCache = false): VertexId {
    const id = digestOf(stableJson(operation));
    if (!this.#drafts.has(id)) this.#drafts.set(id, { draft, label });
    if (noCache) this.#anew.add(id);
    return id;
  }

  /** The vertices that `images` need, each after those it needs, in the order in which they were asked for. */
  reachable(images: readonly { readonly platform: Platform; readonly files: FileSystem }[]): Vertex[] {
    const serves = new Map<VertexId, Set<string>>();
    const walk = (id: VertexId, platform: string): void => {
      const seen = serves.get(id) ?? new Set();
      if (seen.has(platform)) return;
      serves.set(id, seen.add(platform));
      const entry = this.#drafts.get(id);
      if (entry !== undefined) for (const need of needsOf(entry.draft)) walk(need, platform);
    };
    for (const { platform, files } of images) for (const id of idsOf(files)) walk(id, formatPlatform(platform));
    const all: Vertex[] = [];
    for (const [id, { draft, label }] of this.#drafts) {
      const platforms = serves.get(id);
      if (platforms === undefined) continue;
      const name = nameOf(label, images.length > 1 && platforms.size === 1);
      const vertex = { ...draft, id, name, platforms: [...platforms], ...(this.#anew.has(id) ? { noCache: true as const } : {}) };
      all.push(vertex as Vertex);
    }
    return all;
  }
}

function nameOf({ step, platform, text }: StepLabel, told: boolean): string {
  if (step === undefined) return text;
  return `[${told ? `${platform} ` : ""}${step}] ${text}`;
}

/** The vertices of a file system, the base first. */
export const idsOf = (files: FileSystem): VertexId[] => (files.base === undefined ? [...files.layers] : [files.base, ...files.layers]);

/** What a vertex needs directly, without doubles. */
export function needsOf(vertex: VertexDraft): VertexId[] {
  const from = (source: VertexId | FileSystem): VertexId[] => (typeof source === "string" ? [source] : idsOf(source));
  if (vertex.kind === "copy") return [...new Set(vertex.sources.flatMap((s) => ("from" in s ? from(s.from) : "remote" in s ? [s.remote] : [])))];
  if (vertex.kind === "run") return [...new Set([...idsOf(vertex.on), ...vertex.mounts.flatMap((m) => (m.from === undefined ? [] : from(m.from)))])];
  return [];
}
