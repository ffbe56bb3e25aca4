import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isProblem } from "../../../core/problem.ts";

/** What the sandbox keeps between builds. */
export interface Snapshot {
  /** `unpacked-layer`: files of a layer; `cache-mount`: a folder of RUN --mount=type=cache; `emulator`: a program that was fetched. */
  readonly kind: "unpacked-layer" | "cache-mount" | "emulator";
  /** Unique within its kind: where it lies. */
  readonly key: string;
  /** For people, where the key tells them nothing: the id of a cache mount. */
  readonly name?: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedMs: number;
}

/** Lists and removes what the sandbox keeps, from inside: the files may belong to users that exist only there. */
export interface SnapshotKeeper {
  list(): Promise<readonly Snapshot[]>;
  /** @returns false when it is in use, was used at or after `beforeMs`, or is gone */
  remove(snapshot: Snapshot, beforeMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the keeper of a store's sandbox folder. @throws {ProblemError} `sandbox-unavailable` */
export type OpenSnapshotKeeper = (folder: string) => Promise<SnapshotKeeper>;

/** What pruning knows of the sandbox: nothing where none was ever used. */
export interface PrunedSandbox {
  readonly found: readonly Snapshot[];
  remove(snapshot: Snapshot, beforeMs: number): Promise<boolean>;
  /** Why what the sandbox keeps could not be looked at. */
  readonly unreached?: string;
  close(): Promise<void>;
}

export const sandboxFolder = (storeFolder: string): string => join(storeFolder, "sandbox");

/** Emulators lie beside the areas, and where a sandbox uses them as links or copies in its area; both belong to the user. */
const EMULATORS = "emulators";
const NOT_AREAS: ReadonlySet<string> = new Set([EMULATORS, "ingest", "leases"]);

/** @param open  absent: what is inside areas is left alone */
export async function openSandbox(storeFolder: string, open: OpenSnapshotKeeper | undefined): Promise<PrunedSandbox> {
  const folder = sandboxFolder(storeFolder);
  const areas = namesIn(folder).filter((name) => !NOT_AREAS.has(name) && lstatSync(join(folder, name)).isDirectory());
  const emulators = [EMULATORS, ...areas.map((area) => `${area}/${EMULATORS}`)].flatMap((place) =>
    namesIn(join(folder, place)).flatMap((name) => emulatorAt(folder, `${place}/${name}`) ?? []),
  );
  let keeper: SnapshotKeeper | undefined;
  let unreached: string | undefined;
  try {
    if (areas.length > 0) keeper = await open?.(folder);
  } catch (error) {
    // Blobs and records can go without it.
    if (!isProblem(error)) throw error;
    unreached = error.message;
  }
  try {
    return {
      found: [...emulators, ...((await keeper?.list()) ?? [])],
      remove: async (snapshot, beforeMs) =>
        snapshot.kind === "emulator" ? removeEmulator(folder, snapshot.key, beforeMs) : ((await keeper?.remove(snapshot, beforeMs)) ?? false),
      ...(unreached === undefined ? {} : { unreached }),
      close: async () => await keeper?.close(),
    };
  } catch (error) {
    await keeper?.close();
    throw error;
  }
}

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

function emulatorAt(folder: string, key: string): Snapshot | undefined {
  const stat = lstatSync(join(folder, key), { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return undefined;
  // A link into an area has the times of a file that may be of the machine's own: when it was linked is its change time, and it takes no room.
  const inArea = !key.startsWith(`${EMULATORS}/`);
  return {
    kind: "emulator",
    key,
    bytes: inArea && stat.nlink > 1 ? 0 : stat.size,
    usedMs: inArea ? Math.max(stat.mtimeMs, stat.ctimeMs) : stat.mtimeMs,
  };
}

function removeEmulator(folder: string, key: string, beforeMs: number): boolean {
  const now = emulatorAt(folder, key);
  if (now === undefined || now.usedMs >= beforeMs) return false;
  rmSync(join(folder, key), { force: true });
  return true;
}
