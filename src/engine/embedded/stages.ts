import { isProblem, ProblemError } from "../../core/problem.ts";
import { Tree } from "../../image/tree.ts";
import type { BuildPlan, FileSystem, ImageVertex, LayerVertex, VertexId } from "../../plan/graph.ts";
import type { Bases } from "./bases.ts";
import { whereIs } from "./check.ts";
import { type Below, copyEntries, type StepSources, workdirEntries } from "./copy-step.ts";
import type { MadeEntry } from "./copy-target.ts";
import { below, fileSystemKey, layerVertex, publishedLayers, vertexIndex } from "./file-systems.ts";
import type { FileView } from "./file-view.ts";
import { layerFiles } from "./layer-files.ts";
import type { Memo } from "./memo.ts";
import type { StepResult } from "./step-cache.ts";
import type { RunningStep } from "./step-runner.ts";
import type { PlacedStep, StepShortcuts } from "./step-shortcut.ts";
import { type LayerSource, treeView } from "./tree-view.ts";
import type { VertexEvents } from "./vertex-events.ts";

export interface StagesParts {
  readonly plan: BuildPlan;
  readonly bases: Bases;
  readonly memo: Memo;
  readonly vertexEvents: VertexEvents;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly run: (vertex: LayerVertex, made: readonly MadeEntry[]) => Promise<RunningStep>;
  readonly shortcuts: StepShortcuts;
  readonly noCache: boolean;
  /** Asked for late, because sources look at stages and stages at sources. */
  readonly sources: () => StepSources;
}

/** A stage as far as some layer: its files, known before its layers are packed. */
interface Stage {
  readonly files: () => Promise<Tree<LayerSource>>;
  readonly layers: readonly { readonly result: Promise<StepResult>; readonly name: string }[];
  /** True when every layer came from the cache: no result is waited for. */
  readonly cached: boolean;
}

export interface Stages {
  files(files: FileSystem): Promise<FileView>;
  /** The layers above the base, packed. */
  layers(files: FileSystem): Promise<readonly { readonly result: StepResult; readonly name: string }[]>;
}

/** Builds stages, layer by layer, each once; stages side by side. */
export function createStages(parts: StagesParts): Stages {
  const { memo, vertexEvents } = parts;
  const vertices = vertexIndex(parts.plan);
  const published = publishedLayers(parts.plan);
  const views = new WeakMap<Tree<LayerSource>, FileView>();
  const warned = new Set<string>();

  /** A step that is made on several platforms has one thing to say. */
  const warnOnce = (message: string): void => {
    if (!warned.has(message)) parts.warn(message);
    warned.add(message);
  };

  const view = (tree: Tree<LayerSource>): FileView => {
    const made = views.get(tree) ?? treeView(tree);
    views.set(tree, made);
    return made;
  };

  const stage = (files: FileSystem): Promise<Stage> =>
    memo.once(`stage ${fileSystemKey(files)}`, () => (files.layers.length === 0 ? bottom(files.base) : next(files)));

  async function bottom(id: VertexId | undefined): Promise<Stage> {
    if (id === undefined) return { files: async () => Tree.empty(), layers: [], cached: true };
    const vertex = vertices.get(id);
    if (vertex?.kind === "image") return { files: () => baseFiles(vertex), layers: [], cached: true };
    throw new Error(`the plan builds upon ${id}, which is no image`);
  }

  const baseFiles = (vertex: ImageVertex): Promise<Tree<LayerSource>> =>
    memo.once(`base ${vertex.id}`, async () => {
      vertexEvents.started(vertex);
      try {
        const tree = await parts.bases.treeOf(vertex);
        vertexEvents.ended(vertex, "made");
        return tree;
      } catch (error) {
        vertexEvents.failed(vertex, error);
        throw error;
      }
    });

  async function next(files: FileSystem): Promise<Stage> {
    const under = await stage(below(files));
    const vertex = layerVertex(vertices, files.layers.at(-1) as VertexId);
    parts.signal.throwIfAborted();
    vertexEvents.started(vertex);
    try {
      const isFirst = files.base === undefined && files.layers.length === 1;
      const isPublished = published.has(fileSystemKey(files));
      const placed = async (): Promise<PlacedStep> => ({ files, vertex, below: await Promise.all(under.layers.map(({ result }) => result)) });
      const isKnown = isPublished && under.cached && !parts.noCache && vertex.noCache !== true;
      const known = isKnown ? await parts.shortcuts.find(await placed()) : undefined;
      const entries = (): ReturnType<typeof entriesOf> => entriesOf(vertex, isFirst ? undefined : async () => view(await under.files()));
      if (known !== undefined) {
        vertexEvents.ended(vertex, "cached");
        return onTop(files, under, { result: Promise.resolve(known), name: vertex.name }, true, async () => (await entries()).made, known.createdMs);
      }
      const { made, warned } = await entries();
      if (!isPublished) return unpacked(files, under, vertex, made);
      const step = await parts.run(vertex, made);
      const layer = step.layer.then(
        async (result) => {
          // A shortcut would leave the warning out.
          if (!warned) await parts.shortcuts.keep(await placed(), result);
          vertexEvents.ended(vertex, step.how);
          return result;
        },
        (error: unknown) => {
          vertexEvents.failed(vertex, error);
          throw error;
        },
      );
      layer.catch(() => {});
      return onTop(files, under, { result: layer, name: vertex.name }, step.how === "cached", async () => made, step.createdMs);
    } catch (error) {
      const located = inPlace(vertex, error);
      vertexEvents.failed(vertex, located);
      throw located;
    }
  }

  function onTop(
    files: FileSystem,
    under: Stage,
    layer: Stage["layers"][number],
    cached: boolean,
    made: () => Promise<readonly MadeEntry[]>,
    createdMs: number,
  ): Stage {
    return {
      layers: [...under.layers, layer],
      cached: under.cached && cached,
      files: () => memo.once(`files ${fileSystemKey(files)}`, async () => withLayer(await under.files(), await made(), createdMs)),
    };
  }

  /** A layer that others copy from and no image has: what is in it is known, and taken from where it comes from. */
  function unpacked(files: FileSystem, under: Stage, vertex: LayerVertex, made: readonly MadeEntry[]): Stage {
    const createdMs = parts.plan.epoch === undefined ? parts.nowMs() : parts.plan.epoch * 1000;
    vertexEvents.ended(vertex, "made");
    return { layers: [], cached: false, files: () => memo.once(`files ${fileSystemKey(files)}`, async () => withLayer(await under.files(), made, createdMs)) };
  }

  async function entriesOf(vertex: LayerVertex, under: Below): Promise<{ readonly made: readonly MadeEntry[]; readonly warned: boolean }> {
    let told = false;
    const warn = (message: string): void => {
      told = true;
      warnOnce(`${whereIs(vertex)}: ${message}`);
    };
    if (vertex.kind === "copy") return { made: await copyEntries(vertex, under, parts.sources(), parts.signal, warn), warned: told };
    if (vertex.kind === "workdir") return { made: await workdirEntries(vertex, under, warn), warned: told };
    throw new Error("a plan with RUN must not come here: check refuses it");
  }

  function withLayer(under: Tree<LayerSource>, made: readonly MadeEntry[], createdMs: number): Tree<LayerSource> {
    const files = layerFiles(made, createdMs / 1000, parts.plan.epoch);
    return under.apply(
      files.map(({ entry }, offset) => ({ ...entry, offset })),
      { contentOf: (_, offset) => files[offset]?.content },
    );
  }

  return {
    files: async (files) => view(await (await stage(files)).files()),
    async layers(files) {
      const { layers } = await stage(files);
      return Promise.all(layers.map(async ({ result, name }) => ({ result: await result, name })));
    },
  };
}

/** Says which line of the Dockerfile a problem comes from. */
function inPlace(vertex: LayerVertex, error: unknown): unknown {
  if (vertex.place === undefined || !isProblem(error) || "vertex" in error.facts || error.code === "interrupted") return error;
  return new ProblemError(error.code, {
    message: `${whereIs(vertex)}: ${error.message}`,
    hint: error.hint,
    facts: { ...error.facts, vertex: vertex.id },
    cause: error,
  });
}
