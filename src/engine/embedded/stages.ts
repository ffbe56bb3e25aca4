import { isProblem, ProblemError } from "../../core/problem.ts";
import type { PackOptions } from "../../image/pack.ts";
import { Tree } from "../../image/tree.ts";
import type { BuildPlan, FileSystem, ImageVertex, LayerVertex, RunVertex, VertexId } from "../../plan/graph.ts";
import type { Bases } from "./bases.ts";
import { type Below, copyEntries, type StepSources, workdirEntries } from "./copy-step.ts";
import type { MadeEntry } from "./copy-target.ts";
import { below, fileSystemKey, layersForPrograms, layerVertex, publishedLayers, stagesAbove, vertexIndex } from "./file-systems.ts";
import type { FileView } from "./file-view.ts";
import { layerFiles } from "./layer-files.ts";
import type { StackLayer } from "./layer-stack.ts";
import type { MadeLayers } from "./made-layers.ts";
import type { Memo } from "./memo.ts";
import type { StepResult } from "./step-cache.ts";
import type { RunningStep } from "./step-runner.ts";
import type { PlacedStep, StepShortcuts } from "./step-shortcut.ts";
import { type LayerSource, treeView } from "./tree-view.ts";
import type { VertexEvents } from "./vertex-events.ts";
import { whereIs } from "./where-is.ts";

export interface StagesParts {
  readonly plan: BuildPlan;
  readonly bases: Bases;
  readonly memo: Memo;
  readonly vertexEvents: VertexEvents;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Packs what a COPY or WORKDIR makes. */
  readonly pack: (vertex: LayerVertex, made: readonly MadeEntry[], options: PackOptions) => Promise<RunningStep>;
  /** Runs a program; absent: the plan has none. */
  readonly run: ((vertex: RunVertex, under: readonly StackLayer[], options: PackOptions) => Promise<RunningStep>) | undefined;
  readonly packOf: (files: FileSystem) => PackOptions;
  readonly made: MadeLayers;
  readonly shortcuts: StepShortcuts;
  /** What external caches have for the topmost layer. */
  readonly elsewhere: (files: FileSystem) => Promise<StepResult | undefined>;
  readonly noCache: boolean;
  /** Ends the build: a stage that was begun before anybody waited for it has failed. */
  readonly fail: (error: unknown) => void;
  /** Asked for late, because sources look at stages and stages at sources. */
  readonly sources: () => StepSources;
}

/** A stage as far as some layer: its files, known before its layers are packed. */
interface Stage {
  readonly files: () => Promise<Tree<LayerSource>>;
  /** Those that are packed: all, unless nobody needs more of the stage than to copy from it. */
  readonly layers: readonly PlacedLayer[];
  /** True when every layer came from the cache: no result is waited for. */
  readonly cached: boolean;
}

interface PlacedLayer {
  readonly result: Promise<StepResult>;
  readonly name: string;
  /** The layer is the topmost of these. */
  readonly files: FileSystem;
}

/** A packed layer of a stage. */
export interface StageLayer {
  readonly result: StepResult;
  readonly name: string;
  readonly files: FileSystem;
}

export interface Stages {
  files(files: FileSystem): Promise<FileView>;
  /** The layers above the base, packed. */
  layers(files: FileSystem): Promise<readonly StageLayer[]>;
  /** All layers, those of the base too; only for what programs run upon or take from. */
  stack(files: FileSystem): Promise<readonly StackLayer[]>;
  /** Every layer that was packed or found so far. */
  packed(): Promise<readonly StageLayer[]>;
}

/** Builds stages, layer by layer, each once; stages side by side. */
export function createStages(parts: StagesParts): Stages {
  const { memo, vertexEvents } = parts;
  const vertices = vertexIndex(parts.plan);
  const wanted = new Set([...publishedLayers(parts.plan), ...layersForPrograms(parts.plan)]);
  const above = stagesAbove(parts.plan);
  const packed: PlacedLayer[] = [];
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
      if (!wanted.has(fileSystemKey(files))) begin(files);
      if (!wanted.has(fileSystemKey(files))) return unpacked(files, under, vertex, (await entriesOf(vertex, belowOf(files, under))).made);
      const isKnown = !parts.noCache && vertex.noCache !== true;
      const shortcut = isKnown && under.cached ? await parts.shortcuts.find(await placed(files, vertex, under)) : undefined;
      const known = shortcut ?? (isKnown ? await parts.elsewhere(files) : undefined);
      if (known !== undefined) {
        if (shortcut === undefined) await parts.shortcuts.keep(await placed(files, vertex, under), known);
        vertexEvents.ended(vertex, "cached");
        const layer = { result: Promise.resolve(known), name: vertex.name, files };
        return onTop(layer, under, true, () => madeFiles(under, known));
      }
      begin(files);
      return vertex.kind === "run" ? await programmed(files, under, vertex) : await copied(files, under, vertex);
    } catch (error) {
      const located = inPlace(vertex, error);
      vertexEvents.failed(vertex, located);
      throw located;
    }
  }

  /**
   * A layer has to be made: what the layers above it take from other stages will be looked at, whatever the store has. So those stages begin now, side by side.
   */
  function begin(files: FileSystem): void {
    for (const { user, from } of above.get(fileSystemKey(files)) ?? []) {
      const begun = parts.elsewhere(user).then((found) => (found === undefined ? stage(from) : undefined));
      begun.catch(parts.fail);
    }
  }

  const placed = async (files: FileSystem, vertex: LayerVertex, under: Stage): Promise<PlacedStep> => ({
    files,
    vertex,
    below: await Promise.all(under.layers.map(({ result }) => result)),
  });

  const belowOf = (files: FileSystem, under: Stage): Below => {
    const isFirst = files.base === undefined && files.layers.length === 1;
    return isFirst ? undefined : async () => view(await under.files());
  };

  async function copied(files: FileSystem, under: Stage, vertex: LayerVertex): Promise<Stage> {
    const { made, warned: told } = await entriesOf(vertex, belowOf(files, under));
    const step = await parts.pack(vertex, made, parts.packOf(files));
    const result = step.layer.then(
      async (its) => {
        // A shortcut would leave the warning out.
        if (!told) await parts.shortcuts.keep(await placed(files, vertex, under), its);
        vertexEvents.ended(vertex, step.how);
        return its;
      },
      (error: unknown) => {
        vertexEvents.failed(vertex, error);
        throw error;
      },
    );
    result.catch(() => {});
    return onTop({ result, name: vertex.name, files }, under, step.how === "cached", async () => withLayer(await under.files(), made, step.createdMs));
  }

  async function programmed(files: FileSystem, under: Stage, vertex: RunVertex): Promise<Stage> {
    if (parts.run === undefined) throw new Error("a plan with RUN came to an engine that runs nothing: check refuses it");
    const step = await parts.run(vertex, await stack(below(files), under), parts.packOf(files));
    const result = await step.layer;
    await parts.shortcuts.keep(await placed(files, vertex, under), result);
    vertexEvents.ended(vertex, step.how);
    const layer = { result: Promise.resolve(result), name: vertex.name, files };
    return onTop(layer, under, step.how === "cached", () => madeFiles(under, result));
  }

  function onTop(layer: PlacedLayer, under: Stage, cached: boolean, files: () => Promise<Tree<LayerSource>>): Stage {
    packed.push(layer);
    return {
      layers: [...under.layers, layer],
      cached: under.cached && cached,
      files: () => memo.once(`files ${fileSystemKey(layer.files)}`, files),
    };
  }

  /** The files of a stage whose topmost layer is read from its archive. */
  async function madeFiles(under: Stage, { layer }: StepResult): Promise<Tree<LayerSource>> {
    const [tree, index] = await Promise.all([under.files(), parts.made.indexOf(layer)]);
    return tree.apply(index.entries, parts.made.sourceOf(layer, index));
  }

  async function stack(files: FileSystem, its: Stage): Promise<readonly StackLayer[]> {
    const base = files.base === undefined ? undefined : vertices.get(files.base);
    const layers = await Promise.all(its.layers.map(async ({ result }) => parts.made.stackLayer((await result).layer)));
    return base?.kind === "image" ? [...parts.bases.stackOf(base), ...layers] : layers;
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
    throw new Error("what a program makes is not known beforehand");
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
    layers: async (files) => Promise.all((await stage(files)).layers.map(settled)),
    stack: async (files) => stack(files, await stage(files)),
    packed: () => Promise.all(packed.map(settled)),
  };
}

const settled = async (layer: PlacedLayer): Promise<StageLayer> => ({ ...layer, result: await layer.result });

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
