import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import type { Snapshot, SnapshotKeeper } from "../store/prune-snapshots.ts";
import { candidateWorlds } from "./enter/candidates.ts";
import { tryWorlds } from "./enter/try-worlds.ts";
import type { CacheNote, LayerNote } from "./protocol.ts";
import type { Warden } from "./warden.ts";
import { askWarden, jsonOf } from "./warden-request.ts";
import { triedText } from "./world-words.ts";

/**
 * Reaches the areas of a store's sandbox folder, each through a warden of its own world.
 * @throws {ProblemError} `sandbox-unavailable` when none of them can be entered | `store-unusable` | `disk-full`
 */
export async function openSnapshotKeeper(folder: string): Promise<SnapshotKeeper> {
  const areas = readdirSync(folder);
  const wardens: Warden[] = [];
  const tried = [];
  for (const candidate of candidateWorlds()) {
    if (!areas.some((name) => name.startsWith(`${candidate.world}-`))) continue;
    const { trials, warden } = await tryWorlds({ folder, candidates: [candidate] });
    tried.push(...trials);
    if (warden !== undefined) wardens.push(warden);
  }
  if (wardens.length === 0)
    throw new ProblemError("sandbox-unavailable", {
      message: tried.length === 0 ? "they belong to another user" : `their sandbox cannot be entered: ${triedText(tried)}`,
      hint: "run it as the user who built",
    });
  const wardenOf = new Map(wardens.map((warden) => [basename(warden.area), warden]));
  return {
    async list() {
      const found: Snapshot[] = [];
      for (const warden of wardens) found.push(...layersIn(warden.area), ...(await cacheMountsIn(warden)));
      return found;
    },
    async remove({ key }, beforeMs) {
      const [area = "", ...path] = key.split("/");
      const warden = wardenOf.get(area);
      if (warden === undefined || usedMs(join(warden.area, ...path)) >= beforeMs) return false;
      await askWarden(warden.address, { method: "DELETE", path: `/${path.join("/")}` });
      return true;
    },
    async close() {
      for (const warden of wardens) await warden.close();
    },
  };
}

/** Also those of before the machine's last start, which no warden tells of because nobody may use them. */
function layersIn(area: string): Snapshot[] {
  return readdirSync(join(area, "layers"))
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((name) => {
      const path = join(area, "layers", name);
      return { kind: "unpacked-layer", key: `${basename(area)}/layers/${name}`, name: `sha256:${name}`, bytes: noteOf(path)?.bytes ?? 0, usedMs: usedMs(path) };
    });
}

function noteOf(layer: string): Partial<LayerNote> | undefined {
  try {
    return JSON.parse(readFileSync(`${layer}.json`, "utf8")) as Partial<LayerNote>;
  } catch {
    return undefined;
  }
}

async function cacheMountsIn({ area, address }: Warden): Promise<Snapshot[]> {
  const notes = await jsonOf<CacheNote[]>(await askWarden(address, { method: "GET", path: "/caches" }));
  return notes.map(({ key, id, bytes, usedMs: at }) => ({
    kind: "cache-mount",
    key: `${basename(area)}/caches/${key}`,
    name: id === "" ? key : id,
    bytes,
    usedMs: at,
  }));
}

/** What is touched at each use lies beside the folder: a layer's note, a cache mount's mark. */
function usedMs(path: string): number {
  return Math.max(...[`${path}.json`, `${path}.used`, path].map((name) => statSync(name, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}
