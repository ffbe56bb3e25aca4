import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type Digest, Digester, digestOf, hexOf, isDigest } from "../../../../core/digest.ts";
import { guarded } from "../../store/problem.ts";
import { MACHINES } from "../binfmt-table.ts";
import { newDraft } from "./drafts.ts";
import type { Emulator } from "./emulator.ts";
import { stampOf } from "./stamp.ts";

/** What is written beside a kept emulator: the file is `HEX` of its digest, the record `ARCHITECTURE-ORIGIN.json`. */
interface KeptRecord {
  readonly architecture: string;
  readonly digest: Digest;
  /** For people. */
  readonly source: string;
  /** What brought it, so that it is not brought again. */
  readonly origin: string;
  /** Of the file when its digest was last seen to fit. */
  readonly stamp: string;
  readonly keptMs: number;
}

/** A kept emulator. */
export interface KeptEmulator extends Emulator {
  readonly digest: Digest;
  readonly origin: string;
  readonly keptMs: number;
}

/** Those in the store whose digest fits, newest first; one whose file changed since is read again, and left out when it is not what it was. */
export function keptEmulators(folder: string): readonly KeptEmulator[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readKept(folder, name) ?? [])
    .sort((a, b) => b.keptMs - a.keptMs);
}

function readKept(folder: string, name: string): KeptEmulator | undefined {
  try {
    const record = JSON.parse(readFileSync(join(folder, name), "utf8")) as Partial<KeptRecord>;
    const { architecture = "", digest = "", source = "", origin = "", keptMs = 0 } = record;
    if (!isDigest(digest) || MACHINES[architecture] === undefined) return undefined;
    const path = join(folder, hexOf(digest));
    const stamp = stampOf(path);
    if (stamp !== record.stamp && digestOfFile(path) !== digest) return undefined;
    return { architecture, path, stamp, source, digest, origin, keptMs };
  } catch {
    // Half of it was removed.
    return undefined;
  }
}

function digestOfFile(path: string): Digest {
  // At most some 15 MB, and only when its stamp is not the one that was recorded.
  return new Digester().update(readFileSync(path)).digest();
}

/**
 * Makes a finished draft a kept emulator, all at once.
 * @throws {ProblemError} `disk-full` | `store-unusable`
 */
export function keep(
  folder: string,
  draft: { readonly path: string; readonly digest: Digest },
  about: Pick<KeptRecord, "architecture" | "source" | "origin" | "keptMs">,
): KeptEmulator {
  const path = join(folder, hexOf(draft.digest));
  guarded(path, () => renameSync(draft.path, path));
  const stamp = stampOf(path);
  const record: KeptRecord = { ...about, digest: draft.digest, stamp };
  const recordPath = join(folder, `${about.architecture}-${hexOf(digestOf(about.origin)).slice(0, 16)}.json`);
  const text = newDraft(folder);
  try {
    text.write(Buffer.from(`${JSON.stringify(record)}\n`));
    text.finish(0o600);
    guarded(recordPath, () => renameSync(text.path, recordPath));
  } finally {
    text.discard();
  }
  return { ...about, digest: draft.digest, path, stamp };
}
