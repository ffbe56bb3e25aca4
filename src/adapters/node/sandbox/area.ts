import { createHash } from "node:crypto";
import { chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isHeld } from "../store/lease.ts";
import { makeFolder } from "../store/make-folder.ts";
import { guarded, isErrno } from "../store/problem.ts";
import type { Candidate } from "./enter/candidates.ts";
import { mapText } from "./enter/id-ranges.ts";

const FOLDERS = ["layers", "ingest", "work", "caches", "run"] as const;

/**
 * The folder of one kind of world in the store's folder for the sandbox; made when it is not there. What is in it belongs to the namespace's ids, so that worlds with
 * other ids have other folders.
 * @returns its absolute path
 * @throws {ProblemError} `store-unusable` | `disk-full`
 */
export function openArea(folder: string, { world, uids, gids }: Candidate): string {
  const ids = createHash("sha256")
    .update(`${mapText(uids)}\n${mapText(gids)}`)
    .digest("hex")
    .slice(0, 8);
  const area = join(folder, `${world}-${ids}`);
  guarded(area, () => {
    for (const path of [area, ...FOLDERS.map((name) => join(area, name))]) {
      makeFolder(path, 0o755);
      giveTo(path, uids[0]?.outside ?? 0, gids[0]?.outside ?? 0);
    }
  });
  return area;
}

/** The namespace's root is to be at home there. */
function giveTo(path: string, uid: number, gid: number): void {
  const now = statSync(path);
  if (now.uid !== uid || now.gid !== gid) chownSync(path, uid, gid);
}

/** What dead owners left in the folders of an area, as paths from there. Only a process of the same machine and the same table of processes can tell. */
export function leftovers(area: string): string[] {
  return ["ingest", "work", "run"].flatMap((folder) =>
    readdirSync(join(area, folder))
      .map((name) => `${folder}/${name}`)
      .filter((path) => isLeft(join(area, path), path.split("/")[1]?.split(".")[0] as string)),
  );
}

function isLeft(path: string, owner: string): boolean {
  try {
    return !isHeld(owner, statSync(path).mtimeMs);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
