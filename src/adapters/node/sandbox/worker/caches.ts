import { lstatSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import type { CacheNote } from "../protocol.ts";
import { removeTrees } from "./remove-tree.ts";

/** The folders of cache mounts. Who holds a folder's lock is the builder's business. */
export interface Caches {
  all(): Promise<CacheNote[]>;
  remove(key: string): Promise<void>;
}

export function areaCaches(owner: string): Caches {
  let count = 0;
  return {
    async all() {
      const keys = readdirSync("caches").flatMap((hex) =>
        readdirSync(`caches/${hex}`)
          .filter((name) => /^\d+$/.test(name))
          .map((name) => `${hex}/${name}`),
      );
      const notes: CacheNote[] = [];
      for (const key of keys) {
        const folder = `caches/${key}`;
        notes.push({ key, id: idOf(key), bytes: await bytesBelow(folder), usedMs: usedMs(folder) });
      }
      return notes;
    },
    async remove(key) {
      const aside = `ingest/${owner}.c${count++}`;
      renameSync(`caches/${key}`, aside);
      await removeTrees(aside);
    },
  };
}

/** The builder wrote it down when it made the folder's place. */
function idOf(key: string): string {
  try {
    return readFileSync(`caches/${key.split("/")[0]}/id`, "utf8");
  } catch {
    return "";
  }
}

function usedMs(folder: string): number {
  // The builder touches the file beside the folder at each use; folders of before that have their own time.
  return Math.max(...[`${folder}.used`, folder].map((path) => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for await (const entry of await opendir(folder)) {
    const path = `${folder}/${entry.name}`;
    bytes += entry.isDirectory() ? await bytesBelow(path) : (await lstat(path)).size;
  }
  return bytes;
}
