import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import type { Digest } from "../../../../core/digest.ts";
import type { ByteStream } from "../../../../image/blob-store.ts";
import type { LayerNote } from "../protocol.ts";
import { removeTrees } from "./remove-tree.ts";
import { unpackLayer } from "./unpack-layer.ts";

/** The unpacked layers of an area. The builder sees to it that one process at a time puts a layer in place. */
export interface Layers {
  /** Those that are there, and whole; their notes are touched. */
  have(layers: readonly string[]): string[];
  note(layer: string): LayerNote | undefined;
  /** @param archive  gives an iteration that goes on where the last one stopped */
  unpack(layer: string, archive: () => ByteStream): Promise<void>;
  /** A folder becomes the layer; gone when the layer is there already. */
  put(layer: string, folder: string, about: Pick<LayerNote, "bytes" | "entries" | "implied">): Promise<void>;
  all(): LayerNote[];
  /** Waits for the end of one that is being unpacked. */
  remove(layer: string): Promise<void>;
}

export function areaLayers(owner: string, ids: number): Layers {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const known = new Map<string, LayerNote>();
  let count = 0;
  const ingestPath = (): string => `ingest/${owner}.${count++}`;

  const note = (layer: string): LayerNote | undefined => {
    const found = known.get(layer) ?? readNote(layer);
    if (found === undefined || found.boot !== boot || !isFolder(`layers/${layer}`)) {
      known.delete(layer);
      return undefined;
    }
    known.set(layer, found);
    return found;
  };
  const remove = async (layer: string): Promise<void> => {
    known.delete(layer);
    rmSync(`layers/${layer}.json`, { force: true });
    const aside = ingestPath();
    try {
      renameSync(`layers/${layer}`, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    await removeTrees(aside);
  };
  const put: Layers["put"] = async (layer, folder, about) => {
    if (note(layer) !== undefined) return await removeTrees(folder);
    // Of an earlier run of the kernel: nobody knows whether it is whole, and nobody uses it.
    await remove(layer);
    const draft = ingestPath();
    writeFileSync(draft, JSON.stringify({ layer: `sha256:${layer}` as Digest, boot, ...about } satisfies LayerNote));
    renameSync(draft, `layers/${layer}.json`);
    renameSync(folder, `layers/${layer}`);
  };
  const unpacking = new Map<string, Promise<void>>();
  const unpack: Layers["unpack"] = async (layer, archive) => {
    const folder = ingestPath();
    mkdirSync(folder, { mode: 0o755 });
    try {
      const { bytes, entries, implied } = await unpackLayer(archive(), folder, { ids });
      // To the end of the stream: the builder breaks it off when the bytes were not those of the layer.
      for await (const _ of archive());
      await put(layer, folder, { bytes, entries, implied });
    } catch (error) {
      await removeTrees(folder);
      throw error;
    }
  };
  return {
    have: (layers) =>
      layers.filter((layer) => {
        if (note(layer) === undefined) return false;
        const now = new Date();
        utimesSync(`layers/${layer}.json`, now, now);
        return true;
      }),
    note,
    unpack(layer, archive) {
      const now = unpack(layer, archive).finally(() => unpacking.delete(layer));
      unpacking.set(layer, now);
      return now;
    },
    put,
    all: () =>
      readdirSync("layers")
        .filter((name) => /^[0-9a-f]{64}$/.test(name))
        .map((layer) => note(layer))
        .filter((found) => found !== undefined)
        .map((found) => ({ ...found, usedMs: statSync(`layers/${found.layer.slice(7)}.json`).mtimeMs })),
    async remove(layer) {
      await unpacking.get(layer)?.catch(() => {});
      await remove(layer);
    },
  };
}

function readNote(layer: string): LayerNote | undefined {
  try {
    return JSON.parse(readFileSync(`layers/${layer}.json`, "utf8")) as LayerNote;
  } catch {
    // Absent, or cut short when the machine stopped: the layer is unpacked anew.
    return undefined;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
