import { type Digest, digestOf } from "../../core/digest.ts";
import { ProblemError } from "../../core/problem.ts";
import { type PackOptions, UNCOMPRESSED } from "../../image/pack.ts";
import type { CopyVertex, FileSystem, LayerVertex, VertexId } from "../../plan/graph.ts";
import { copyEntries, type StepSources } from "./copy-step.ts";
import type { MadeEntry } from "./copy-target.ts";
import { followPath } from "./follow-path.ts";
import { layerFiles } from "./layer-files.ts";
import type { StackLayer } from "./layer-stack.ts";
import type { MadeLayers } from "./made-layers.ts";
import type { Memo } from "./memo.ts";
import { type StepCache, stepKey } from "./step-cache.ts";
import type { RunningStep } from "./step-runner.ts";

/** What a step takes of a source without copying it into its layer: a mount, or what a key must tell of. */
export interface Selections {
  /** Over paths, metadata but times, and contents. The same on every machine and wherever the files come from. */
  digest(from: VertexId | FileSystem, paths: readonly string[], of?: Pick<CopyVertex, "exclude" | "parents">): Promise<Digest>;
  /** Layers that hold what is at `path`, and where in them. @throws {ProblemError} `source-missing` */
  layers(from: VertexId | FileSystem, path: string): Promise<{ readonly layers: readonly StackLayer[]; readonly path: string }>;
}

export interface SelectionsParts {
  readonly cache: StepCache;
  readonly memo: Memo;
  readonly signal: AbortSignal;
  readonly epoch: number | undefined;
  readonly pack: (vertex: LayerVertex, made: readonly MadeEntry[], options: PackOptions) => Promise<RunningStep>;
  readonly sources: () => StepSources;
  readonly stack: (files: FileSystem) => Promise<readonly StackLayer[]>;
  readonly made: MadeLayers;
  /** True for a vertex that is an image: its files are in layers already. */
  readonly isImage: (id: VertexId) => boolean;
}

const OPERATION = digestOf("what a step takes");

export function createSelections({ cache, memo, signal, epoch, pack, sources, stack, made, isImage }: SelectionsParts): Selections {
  const taken = (vertex: CopyVertex): Promise<readonly MadeEntry[]> =>
    memo.once(`taken ${JSON.stringify([vertex.sources, vertex.destination, vertex.exclude, vertex.parents])}`, () =>
      copyEntries(vertex, undefined, sources(), signal, () => {}),
    );

  async function digest(vertex: CopyVertex): Promise<Digest> {
    const entries = await taken(vertex);
    const contents = await cache.contentsOf(layerFiles(entries, 0, epoch), signal);
    return digestOf(JSON.stringify([stepKey(OPERATION, entries, UNCOMPRESSED, epoch), contents]));
  }

  /** Only a context is not in layers yet. */
  async function packed(from: VertexId, path: string): Promise<StackLayer> {
    const vertex = wholeAt(from, path);
    const step = await pack(vertex, await taken(vertex), UNCOMPRESSED);
    return made.stackLayer((await step.layer).layer);
  }

  return {
    digest(from, paths, of) {
      const vertex = of === undefined && paths.length === 1 ? wholeAt(from, paths[0] as string) : matching(from, paths, of);
      return memo.once(`selection ${JSON.stringify([vertex.sources, vertex.exclude, vertex.parents])}`, () => digest(vertex));
    },
    async layers(from, path) {
      const { view, name } = await sources().files(from);
      const found = followPath(view, path, { followLast: true });
      if (view.get(found) === undefined) throw missing(path, name);
      if (typeof from !== "string") return { layers: await stack(from), path: found };
      return isImage(from) ? { layers: await stack({ base: from, layers: [] }), path: found } : { layers: [await packed(from, path)], path: path.slice(1) };
    },
  };
}

const missing = (path: string, name: string): ProblemError =>
  new ProblemError("source-missing", {
    message: `"${path}" does not exist in ${name}, and a mount takes its files from there`,
    hint: "mend the mount's source, or make the files in a step before",
    facts: { path, in: name },
  });

/** A copy of what is at `path`, to the same place. */
const wholeAt = (from: VertexId | FileSystem, path: string): CopyVertex => selecting(from, [path], path, { exclude: [], parents: false });

/** A copy of all that patterns find; where it would go does not matter. */
const matching = (
  from: VertexId | FileSystem,
  paths: readonly string[],
  of: Pick<CopyVertex, "exclude" | "parents"> = { exclude: [], parents: false },
): CopyVertex => selecting(from, paths, "/", of);

const selecting = (
  from: VertexId | FileSystem,
  paths: readonly string[],
  destination: string,
  { exclude, parents }: Pick<CopyVertex, "exclude" | "parents">,
): CopyVertex => ({
  kind: "copy",
  id: OPERATION,
  name: "what a step takes",
  platforms: [],
  sources: [{ from, paths, unpack: false }],
  destination,
  link: true,
  exclude,
  parents,
});
