import type { BuildPlan, ContextVertex, GitVertex, HttpVertex, Vertex, VertexId } from "../../plan/graph.ts";
import type { BuildContext, ContextEntry } from "../context.ts";
import type { FetchedFile, RemoteFetcher } from "../remote.ts";
import { type OpenedArchive, openArchive } from "./add-archive.ts";
import type { Content } from "./content.ts";
import type { StepSources } from "./copy-step.ts";
import { vertexIndex } from "./file-systems.ts";
import type { FileView } from "./file-view.ts";
import type { Memo } from "./memo.ts";
import { type ContextStamp, contextStamp } from "./step-shortcut.ts";
import { contextView } from "./tree-view.ts";
import type { VertexEvents } from "./vertex-events.ts";

export interface SourcesParts {
  readonly plan: BuildPlan;
  readonly contexts: (name?: string) => Promise<BuildContext>;
  readonly remote: RemoteFetcher;
  readonly memo: Memo;
  readonly vertexEvents: VertexEvents;
  readonly signal: AbortSignal;
  /** When contexts were looked at, at the earliest: milliseconds since 1970. */
  readonly beganMs: number;
  /** Files of a stage or an image. */
  readonly stageFiles: (files: { readonly base?: VertexId; readonly layers: readonly VertexId[] }) => Promise<FileView>;
}

export interface Sources extends StepSources {
  /** Tells whether a source is as it was: see `StepShortcutsParts`. */
  stampOf(id: VertexId): Promise<ContextStamp | "constant" | undefined>;
  /** Removes what was brought for the build. */
  close(): Promise<void>;
}

/** Contexts, images, downloads and checkouts, each brought once, when the first step asks for it. */
export function createSources(parts: SourcesParts): Sources {
  const { memo, signal, vertexEvents } = parts;
  const vertices = vertexIndex(parts.plan);
  const opened = new Map<Content, Promise<OpenedArchive | undefined>>();
  const toClose: { close(): Promise<void> }[] = [];

  /** Tells of a source vertex while it is brought. */
  const bring = <T>(vertex: Vertex, act: () => Promise<T>): Promise<T> =>
    memo.once(`source ${vertex.id}`, async () => {
      signal.throwIfAborted();
      vertexEvents.started(vertex);
      try {
        const brought = await act();
        vertexEvents.ended(vertex, "made");
        return brought;
      } catch (error) {
        vertexEvents.failed(vertex, error);
        throw error;
      }
    });

  const walked = (vertex: ContextVertex): Promise<{ readonly context: BuildContext; readonly entries: readonly ContextEntry[] }> =>
    bring(vertex, async () => {
      const context = await parts.contexts(vertex.contextName);
      return { context, entries: await context.entries() };
    });

  async function brought(vertex: HttpVertex | GitVertex): Promise<{ readonly file: FetchedFile } | { readonly view: FileView }> {
    if (vertex.kind === "http") {
      const file = await parts.remote.file({ url: vertex.url, ...(vertex.checksum === undefined ? {} : { checksum: vertex.checksum }) }, signal);
      toClose.push(file);
      return { file };
    }
    const { remote, ref, subdirectory, keepGitDir, checksum, submodules, mtime } = vertex;
    const checkout = await parts.remote.git(
      {
        remote,
        keepGitDir,
        ...(ref === undefined ? {} : { ref }),
        ...(subdirectory === undefined ? {} : { subdirectory }),
        ...(checksum === undefined ? {} : { checksum }),
        ...(submodules === undefined ? {} : { submodules }),
        ...(mtime === undefined ? {} : { mtime }),
      },
      signal,
    );
    toClose.push(checkout);
    return { view: contextView(checkout, await checkout.entries()) };
  }

  return {
    async files(from) {
      if (typeof from !== "string") return { view: await parts.stageFiles(from), name: stageName(vertices, from) };
      const vertex = vertices.get(from);
      if (vertex?.kind === "image") return { view: await parts.stageFiles({ base: from, layers: [] }), name: vertex.reference };
      if (vertex?.kind !== "context") throw new Error(`the plan copies from ${from}, which has no files`);
      return memo.once(`view ${vertex.id}`, async () => {
        const { context, entries } = await walked(vertex);
        const name = vertex.contextName === undefined ? `the build context "${context.name}"` : `the context "${vertex.contextName}"`;
        return { view: contextView(context, entries), name };
      });
    },
    async stampOf(id) {
      const vertex = vertices.get(id);
      if (vertex?.kind === "image") return "constant";
      if ((vertex?.kind === "http" || vertex?.kind === "git") && vertex.checksum !== undefined) return "constant";
      if (vertex?.kind !== "context") return undefined;
      return memo.once(`stamp ${vertex.id}`, async () => contextStamp((await walked(vertex)).entries, parts.beganMs));
    },
    async remote(id) {
      const vertex = vertices.get(id);
      if (vertex?.kind !== "http" && vertex?.kind !== "git") throw new Error(`the plan adds ${id}, which is no address`);
      return bring(vertex, () => brought(vertex));
    },
    archive(content, name) {
      const known = opened.get(content);
      if (known !== undefined) return known;
      const opening = memo.once(`archive ${opened.size}`, () => openArchive(content, name, signal));
      opened.set(content, opening);
      return opening;
    },
    async close() {
      await Promise.allSettled(toClose.map((held) => held.close()));
    },
  };
}

function stageName(vertices: ReadonlyMap<VertexId, Vertex>, files: { readonly base?: VertexId; readonly layers: readonly VertexId[] }): string {
  const top = vertices.get(files.layers.at(-1) ?? files.base ?? ("" as VertexId));
  if (top === undefined) return "an empty stage";
  return top.kind === "image" ? top.reference : `the stage that ends with ${top.name}`;
}
