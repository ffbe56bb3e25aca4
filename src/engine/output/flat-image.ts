import type { Digest } from "../../core/digest.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { LayerEntry } from "../../image/entry.ts";
import { type ContentSink, indexLayer, type LayerIndex, readLayerContents } from "../../image/layer.ts";
import { decodeLayerIndex, encodeLayerIndex } from "../../image/layer-index.ts";
import { entryOf, Tree, type TreeNode } from "../../image/tree.ts";
import type { BuiltImage } from "../engine.ts";
import type { Records } from "../records.ts";

/** The final files of an image: its layers merged. */
export interface FlatImage {
  /** Everything without content, but hard links: folders, symlinks, devices, fifos, empty files; sorted, parents first. */
  readonly plain: readonly LayerEntry[];
  /** Files with content, sorted. `readContents` gives them in the order of the layers. */
  readonly files: readonly LayerEntry[];
  /** Further names of files, sorted; `link` is the path that the file has among `plain` and `files`. */
  readonly hardlinks: readonly LayerEntry[];
  /** Reads every layer that a file comes from once, from its start to its end. */
  readContents(sinkOf: (file: LayerEntry) => ContentSink): Promise<void>;
}

/**
 * Merges an image's layers without unpacking them: one pass over each layer for the names here, and one for the contents.
 * @param records  layers whose names are remembered there are spared the first pass; others are remembered
 * @throws {ProblemError} `layer-invalid` | `layer-unsupported` | `diff-id-mismatch` | `limit-exceeded` | from the reader
 */
export async function flattenImage(image: BuiltImage, blobs: BlobReader, records?: Records): Promise<FlatImage> {
  const { layers } = image.manifest.value;
  let tree = Tree.empty<number>();
  for (const [i, layer] of layers.entries()) {
    const index = await indexOf(layer, image.config.rootfs.diff_ids[i], blobs, records);
    tree = tree.apply(index.entries, i);
  }
  const plain: LayerEntry[] = [];
  const files: LayerEntry[] = [];
  const hardlinks: LayerEntry[] = [];
  const firstPath = new Map<TreeNode<number>, string>();
  const wanted = layers.map(() => new Map<number, LayerEntry>());
  for (const [path, node] of tree.walk()) {
    if (path === "") continue;
    const entry = entryOf(path, node);
    const first = node.type === "directory" ? undefined : firstPath.get(node);
    if (first !== undefined) {
      hardlinks.push({ ...entry, type: "hardlink", size: 0, link: first });
      continue;
    }
    firstPath.set(node, path);
    if (node.type !== "file" || node.size === 0 || node.source === undefined) {
      plain.push(entry);
      continue;
    }
    files.push(entry);
    wanted[node.source]?.set(node.offset, entry);
  }
  const sourcePaths = sourcePathsOf(tree, layers.length);
  return {
    plain,
    files,
    hardlinks,
    async readContents(sinkOf) {
      for (const [i, layer] of layers.entries()) {
        const here = wanted[i];
        if (here === undefined || here.size === 0) continue;
        let given = 0;
        await readLayerContents(blobs, layer, sourcePaths[i] as ReadonlySet<string>, (entry) => {
          const file = here.get(entry.offset);
          if (file === undefined) return undefined;
          given++;
          return sinkOf(file);
        });
        if (given !== here.size) throw new Error(`layer ${layer.digest} gave ${given} of ${here.size} files`);
      }
    },
  };
}

async function indexOf(layer: Descriptor, diffId: Digest | undefined, blobs: BlobReader, records: Records | undefined): Promise<LayerIndex> {
  const bytes = await records?.read("layers", layer.digest);
  const known = bytes === undefined ? undefined : decodeLayerIndex(bytes);
  if (known !== undefined && (diffId === undefined || known.diffId === diffId)) return known;
  const made = await indexLayer(blobs, layer, diffId === undefined ? {} : { diffId });
  await records?.write("layers", layer.digest, encodeLayerIndex(made));
  return made;
}

function sourcePathsOf(tree: Tree<number>, layers: number): readonly ReadonlySet<string>[] {
  const paths = Array.from({ length: layers }, () => new Set<string>());
  for (const [, node] of tree.walk()) if (node.type === "file" && node.source !== undefined) paths[node.source]?.add(node.sourcePath);
  return paths;
}
