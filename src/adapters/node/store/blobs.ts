import { rmSync, statSync, unlinkSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import type { BlobStore, BlobWriter } from "../../../image/blob-store.ts";
import { readBlob } from "./blob-reader.ts";
import { blobWriter } from "./blob-writer.ts";
import { digestPath, type StoreLayout } from "./layout.ts";
import type { Lease } from "./lease.ts";
import { passed } from "./lock.ts";
import { guarded, isErrno } from "./problem.ts";
import { linkInto, syncFolder } from "./write-file.ts";

export interface FolderBlobs extends BlobStore {
  readonly pathOf: NonNullable<BlobStore["pathOf"]>;
  /** Aborts writers that are still open. */
  close(): Promise<void>;
}

/** Blobs as files under their digests. */
export function folderBlobs(layout: StoreLayout, lease: Lease, durable: boolean): FolderBlobs {
  const writers = new Set<BlobWriter>();
  const pathOf: FolderBlobs["pathOf"] = (digest) => digestPath(layout.blobs, digest);

  const stat: BlobStore["stat"] = async (digest) => {
    const path = pathOf(digest);
    for (;;) {
      const found = guarded(path, () => statSync(path, { throwIfNoEntry: false }));
      if (found === undefined) return undefined;
      // What was last used after our lease began is safe from pruning. Else say that it is used, and then look whether
      // somebody was pruning meanwhile: who starts to prune later sees the new time.
      if (found.mtimeMs > lease.beganMs) return found.size;
      touch(path, lease.beganMs);
      if (!(await passed(layout.pruneLock))) return found.size;
    }
  };

  return {
    pathOf,
    stat,
    async *open(digest, range) {
      await stat(digest);
      yield* readBlob(layout, digest, range);
    },
    async create() {
      const draft = lease.ingestPath();
      const writer = blobWriter({
        draft,
        durable,
        onEnd: (ended) => writers.delete(ended),
        async publish(digest, size) {
          const path = pathOf(digest);
          do {
            if (linkInto(draft, path)) {
              if (durable) syncFolder(dirname(path));
            } else if (statSync(path, { throwIfNoEntry: false })?.size === size) touch(path, lease.beganMs);
            // Something of another length cannot be the blob: a disk that lost power, or a hand.
            else replace(draft, path);
          } while (await passed(layout.pruneLock));
        },
      });
      writers.add(writer);
      return writer;
    },
    async delete(digest) {
      const path = pathOf(digest);
      return guarded(path, () => {
        try {
          unlinkSync(path);
          return true;
        } catch (error) {
          if (isErrno(error, "ENOENT")) return false;
          throw error;
        }
      });
    },
    async close() {
      for (const writer of writers) await writer.abort();
    },
  };
}

function replace(draft: string, path: string): void {
  rmSync(path, { force: true });
  linkInto(draft, path);
}

/** Marks a file as used, later than the lease began also where the two clocks differ by a little. */
export function touch(path: string, beganMs: number): void {
  const at = Math.max(Date.now(), Math.ceil(beganMs) + 1) / 1000;
  try {
    utimesSync(path, at, at);
  } catch (error) {
    // Somebody removed it, or it is not ours to touch: what follows will tell.
    if (!isErrno(error, "ENOENT", "EPERM", "EACCES", "EROFS")) throw error;
  }
}
