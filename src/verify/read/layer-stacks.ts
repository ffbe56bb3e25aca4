import { isProblem, ProblemError } from "../../core/problem.ts";
import type { ImageConfig } from "../../image/config.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { Tree } from "../../image/tree.ts";
import type { ImageLayer, PlatformImage } from "../subject.ts";
import { type LayerReading, layerKey } from "./read-layers.ts";

type Stack = Pick<PlatformImage, "layers" | "files" | "filesProblem">;

/** A layer upon those below it. */
interface Step extends Stack {
  readonly above: Map<string, Step>;
}

/** Entries that are put into trees, all stacks of an image together: thousands of platforms may each put one large layer upon a small one of their own. */
const ENTRIES_LIMIT = 4_000_000;

const UNREAD: LayerReading = { contents: undefined, problem: undefined, foreign: false };

/** Puts layers upon each other. What platforms have in common from the bottom up is made once and is one object, layers and files. */
export function layerStacks(
  readings: ReadonlyMap<string, LayerReading>,
  limit = ENTRIES_LIMIT,
): (manifest: string, layers: readonly Descriptor[], config: ImageConfig | undefined) => Stack {
  let left = limit;
  const spend = (entries: number): void => {
    left -= entries;
    if (left < 0) throw new ProblemError("limit-exceeded", { message: `the platforms' file systems have more than ${limit} entries in all`, facts: { limit } });
  };
  const ground: Step = { layers: [], files: Tree.empty<ImageLayer>(), filesProblem: undefined, above: new Map() };
  return (manifest, layers, config) => {
    const made = madeBy(layers, config);
    let step = ground;
    for (const [i, descriptor] of layers.entries()) {
      const diffId = config?.rootfs.diff_ids[i];
      const createdBy = made[i];
      const key = JSON.stringify([descriptor, diffId, createdBy]);
      let next = step.above.get(key);
      if (next === undefined) {
        const where = `${manifest === "" ? "" : `${manifest} `}layers[${i}]`;
        next = put({ where, number: i + 1, descriptor, diffId, createdBy, ...(readings.get(layerKey(descriptor)) ?? UNREAD) }, step, spend);
        step.above.set(key, next);
      }
      step = next;
    }
    const { layers: all, files, filesProblem } = step;
    return { layers: all, files, filesProblem };
  };
}

function put(layer: ImageLayer, below: Step, spend: (entries: number) => void): Step {
  const layers = [...below.layers, layer];
  const { files, problem } = applied(layer, below, spend);
  return { layers, files, filesProblem: problem, above: new Map() };
}

function applied(
  layer: ImageLayer,
  { files, filesProblem }: Step,
  spend: (entries: number) => void,
): { readonly files: Tree<ImageLayer> | undefined; readonly problem: ProblemError | undefined } {
  if (files === undefined || layer.contents === undefined) return { files: undefined, problem: filesProblem };
  try {
    spend(layer.contents.index.entries.length);
    return { files: files.apply(layer.contents.index.entries, layer), problem: undefined };
  } catch (error) {
    if (isProblem(error)) return { files: undefined, problem: error };
    throw error;
  }
}

/** Lines of history by layer; none when they do not fit. */
function madeBy(layers: readonly Descriptor[], config: ImageConfig | undefined): readonly (string | undefined)[] {
  const lines = (config?.history ?? []).filter((entry) => entry.empty_layer !== true);
  return lines.length === layers.length ? lines.map((entry) => entry.created_by) : [];
}
