import { isProblem } from "../../../../core/problem.ts";
import { layoutOf } from "../../store/layout.ts";
import { beginLease, type Lease, sweep } from "../../store/lease.ts";
import { makeFolder } from "../../store/make-folder.ts";
import { guarded } from "../../store/problem.ts";
import { openArea } from "../area.ts";
import { startWarden } from "../start-warden.ts";
import type { Warden } from "../warden.ts";
import { type Candidate, candidateWorlds, type EnteredWorld } from "./candidates.ts";

/** What came of one way to set programs apart. */
export interface WorldTrial {
  readonly world: EnteredWorld;
  readonly entered: boolean;
  /** What the machine said where it could not be entered: one line. */
  readonly said?: string;
}

export interface WorldOptions {
  /** The store's folder for the sandbox. */
  readonly folder: string;
  /** Emulators to be registered in the sandbox's own binfmt_misc, put where the warden can open them: `placeEmulators`. Absent: none. */
  readonly emulators?: (area: string) => Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Absent: those that this user can hope for. */
  readonly candidates?: readonly Candidate[];
}

/**
 * Tries the worlds in order, until one can be entered.
 * @returns what each said, and the running warden of the one that was entered: the caller closes it
 * @throws {ProblemError} `store-unusable` | `disk-full`
 */
export async function tryWorlds({
  folder,
  emulators = () => ({}),
  signal,
  candidates = candidateWorlds(),
}: WorldOptions): Promise<{ readonly trials: readonly WorldTrial[]; readonly warden?: Warden }> {
  const lease = leaseIn(folder);
  const trials: WorldTrial[] = [];
  try {
    for (const candidate of candidates) {
      signal?.throwIfAborted();
      const { world } = candidate;
      try {
        // Before anything of the store: a world that cannot be entered leaves no folder.
        const entrance = await candidate.enter();
        const warden = await startWarden(candidate, entrance, () => openArea(folder, candidate), lease, emulators);
        return { trials: [...trials, { world, entered: true }], warden };
      } catch (error) {
        // The store's folder is the same for all worlds.
        if (isProblem(error)) throw error;
        trials.push({ world, entered: false, said: oneLine((error as Error).message) });
      }
    }
  } catch (error) {
    lease.end();
    throw error;
  }
  lease.end();
  return { trials };
}

/** Names us for other processes that use the folder, and sweeps small files of dead ones. */
function leaseIn(folder: string): Lease {
  const layout = layoutOf(folder);
  return guarded(folder, () => {
    makeFolder(layout.folder, 0o700);
    makeFolder(layout.ingest);
    makeFolder(layout.leases);
    sweep(layout);
    return beginLease(layout);
  });
}

const oneLine = (text: string): string => text.trim().split("\n").slice(-1)[0]?.slice(0, 300) ?? "";
