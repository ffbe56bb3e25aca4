import { type BigIntStats, lstatSync } from "node:fs";
import { byCodeUnit } from "../../../../core/order.ts";
import type { ByteStream } from "../../../../image/blob-store.ts";
import { isSame } from "./changes-same.ts";
import { type Change, changesTar } from "./changes-tar.ts";
import { lowerView } from "./lower-view.ts";
import { isUpperWhiteout, namesIn, osPath } from "./overlay-form.ts";
import { unpackLayer } from "./unpack-layer.ts";

/** What a copied root was like before a program ran in it. */
export interface RootScan {
  readonly stats: ReadonlyMap<string, BigIntStats>;
  /** Names in its folders, by path. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** Remembers what is in a root, to find later what a program changed. */
export function scanRoot(root: string): RootScan {
  const stats = new Map<string, BigIntStats>();
  const names = new Map<string, readonly string[]>();
  const folders = [""];
  for (const folder of folders) {
    const children = namesIn(folder === "" ? root : `${root}/${folder}`);
    names.set(folder, children);
    for (const name of children) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const stat = lstatSync(osPath(`${root}/${path}`), { bigint: true });
      stats.set(path, stat);
      if (stat.isDirectory()) folders.push(path);
    }
  }
  return { stats, names };
}

export interface CopiedChanges {
  readonly root: string;
  readonly before: RootScan;
  /** What the root was copied from: folders of layers in overlay form, lowest first. */
  readonly lower: readonly string[];
  /** Seconds since 1970: no time is later. */
  readonly epoch?: number | undefined;
}

/** The tar that `layerChanges` gives for the same changes, but for files with several names: overlay gives a name that is written to a file of its own. */
export function copiedChanges(of: CopiedChanges): ByteStream {
  return changesTar(of.root, changesOf(of), of.epoch);
}

/** Makes the unpacked layer (overlay form) of what changed: `folder` is empty. @throws {ProblemError} `disk-full` */
export async function keepCopied(of: Omit<CopiedChanges, "epoch">, folder: string, options: { readonly ids: number }): Promise<void> {
  await unpackLayer(copiedChanges(of), folder, options);
}

function* changesOf({ root, before, lower }: CopiedChanges): Generator<Change> {
  const view = lowerView(lower);

  function* folder(path: string): Generator<Change> {
    const now = namesIn(path === "" ? root : `${root}/${path}`);
    const names = new Set([...now, ...(before.names.get(path) ?? [])]);
    for (const name of [...names].sort(byCodeUnit)) yield* one(path === "" ? name : `${path}/${name}`);
  }

  function* one(path: string): Generator<Change> {
    const at = `${root}/${path}`;
    const stat: BigIntStats | undefined = lstatSync(osPath(at), { bigint: true, throwIfNoEntry: false });
    const was = before.stats.get(path);
    // A device of no number would hide what lower layers have: overlay, too, makes none for a program.
    if (stat === undefined || isUpperWhiteout(stat)) {
      if (was !== undefined) yield { kind: "gone", path };
      return;
    }
    if (was === undefined || !(isUntouched(was, stat) || isAsBefore(path, was, at, stat))) yield { kind: "is", path, stat, same: false };
    if (stat.isDirectory()) yield* folder(path);
  }

  /** Touched, but as overlay would have it: a copy of what lies below. */
  function isAsBefore(path: string, was: BigIntStats, at: string, stat: BigIntStats): boolean {
    const below = view.find(path);
    return below !== undefined && isSame({ at: below.at, stat: was }, { at, stat });
  }

  yield* folder("");
}

/** Nobody can set back the time of the last change (ctime); the rest is for kernels whose clock for it stands still for some milliseconds. */
const isUntouched = (was: BigIntStats, is: BigIntStats): boolean =>
  was.ino === is.ino &&
  was.ctimeNs === is.ctimeNs &&
  was.mode === is.mode &&
  was.uid === is.uid &&
  was.gid === is.gid &&
  was.size === is.size &&
  was.mtimeNs === is.mtimeNs;
