import { posix } from "node:path";
import { ProblemError } from "../../../../core/problem.ts";
import type { ByteStream } from "../../../../image/blob-store.ts";
import { tarParser } from "../../../../image/tar/reader.ts";
import { decompress } from "../../../../image/unpack.ts";
import { type Draft, EMULATOR_BYTES, newDraft } from "./drafts.ts";
import { emulatedBy } from "./emulator.ts";
import { type KeptEmulator, keep } from "./kept.ts";
import { notStatic } from "./static-program.ts";

/** What of a source is taken, and as what. */
export interface Taking {
  /** `STORE/sandbox/emulators`. */
  readonly folder: string;
  /** Go's name of this machine's architecture. */
  readonly machine: string;
  readonly source: string;
  readonly origin: string;
  readonly nowMs: number;
}

/** A program of a known name, whole in a draft, not yet judged. */
export interface Taken {
  /** As in the source: `usr/bin/qemu-arm`. */
  readonly name: string;
  readonly architecture: string;
  readonly rank: number;
  readonly draft: Draft;
}

/** Folders of an image or package where emulators lie. */
const FOLDERS: ReadonlySet<string> = new Set(["usr/bin", "bin", "usr/local/bin", "."]);
/** An image of emulators has 100 MB, a package of them all 300 MB. */
const ARCHIVE_BYTES = 4 * 1024 ** 3;

/**
 * Takes the files that are named as emulators out of an archive, compressed or not, as it passes; reads it to its end.
 * @throws {ProblemError} `layer-invalid` | `layer-unsupported` | `limit-exceeded` | `disk-full` | what `archive` throws; nothing stays then
 */
export async function takeFromArchive(archive: ByteStream, folder: string, refused: (name: string, why: string) => void): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  try {
    const parser = tarParser(
      {
        entry({ path, type, size }) {
          const known = FOLDERS.has(posix.dirname(path)) ? emulatedBy(posix.basename(path)) : undefined;
          if (known === undefined) return undefined;
          if (type !== "file" || size > EMULATOR_BYTES) {
            refused(path, type === "file" ? `has ${size} bytes, at most ${EMULATOR_BYTES} are taken` : `is no file but a ${type}`);
            return undefined;
          }
          const draft = newDraft(folder);
          taken.push({ name: path, ...known, draft });
          return (chunk) => draft.write(chunk);
        },
      },
      { totalBytes: ARCHIVE_BYTES },
    );
    for await (const chunk of decompress(archive, { bytes: ARCHIVE_BYTES })) parser.write(chunk);
    parser.end();
    return taken;
  } catch (error) {
    for (const { draft } of taken) draft.discard();
    throw error;
  }
}

/**
 * Judges what was taken and keeps what is sound, one an architecture.
 * @param complaints  what was refused so far: told when nothing is left
 * @throws {ProblemError} `emulator-missing` when nothing is fit; `disk-full`
 */
export function keepSound(taken: readonly Taken[], taking: Taking, complaints: string[]): readonly KeptEmulator[] {
  const kept = new Map<string, KeptEmulator>();
  try {
    for (const { name, architecture, draft } of [...taken].sort((a, b) => a.rank - b.rank)) {
      // What this machine's processor runs needs none.
      if (kept.has(architecture) || architecture === taking.machine) continue;
      // Others have to get at it: the sandbox's root is nobody here.
      const digest = draft.finish(0o755);
      const why = notStatic(draft.path, taking.machine);
      if (why !== undefined) {
        complaints.push(`"${name}" ${why}`);
        continue;
      }
      const { source, origin, nowMs } = taking;
      kept.set(architecture, keep(taking.folder, { path: draft.path, digest }, { architecture, source, origin, keptMs: nowMs }));
    }
  } finally {
    for (const { draft } of taken) draft.discard();
  }
  if (kept.size === 0) throw nothingFit(taking.source, complaints);
  return [...kept.values()];
}

/** Reasons that are told; the rest would say the same. */
const MOST_REASONS = 3;

function nothingFit(source: string, complaints: readonly string[]): ProblemError {
  const reasons = complaints.length === 0 ? "no file in it is named qemu-ARCHITECTURE" : complaints.slice(0, MOST_REASONS).join("; ");
  return new ProblemError("emulator-missing", {
    message: `no emulator could be taken from ${source}: ${reasons}`,
    hint: "wanted are statically linked programs for this machine, named qemu-aarch64, qemu-arm-static and the like, in usr/bin or bin",
    facts: { source },
  });
}
