import { type BigIntStats, lstatSync } from "node:fs";
import { byCodeUnit } from "../../../../core/order.ts";
import type { ByteStream } from "../../../../image/blob-store.ts";
import { isSame } from "./changes-same.ts";
import { type Change, changesTar } from "./changes-tar.ts";
import { type LowerView, lowerView } from "./lower-view.ts";
import { isUpperOpaque, isUpperWhiteout, namesIn, osPath } from "./overlay-form.ts";

/** The upper folder of an overlay whose program has ended, and what lies below it. */
export interface UpperChanges {
  readonly upper: string;
  /** Folders of the layers in overlay form, lowest first. */
  readonly lower: readonly string[];
  /** Seconds since 1970: no time is later. */
  readonly epoch?: number | undefined;
}

/**
 * What an upper folder changes, as the uncompressed tar of a layer, as BuildKit makes it. To be called where the program ran (owners and capabilities are seen as
 * the namespace has them), when nothing changes the folder any more. Chunks are the consumer's to keep.
 */
export function layerChanges(of: UpperChanges): ByteStream {
  return changesTar(of.upper, upperChanges(of.upper, lowerView(of.lower)), of.epoch);
}

/** Changes that an upper folder makes, in the order of a walk. */
export function* upperChanges(upper: string, lower: LowerView): Generator<Change> {
  /** @param opaque  nothing of the lower folder is to be seen: what is not in the upper one is gone */
  function* folder(path: string, opaque: boolean): Generator<Change> {
    const own = namesIn(path === "" ? upper : `${upper}/${path}`);
    const names = opaque ? [...new Set([...own, ...lower.names(path)])] : own;
    for (const name of names.sort(byCodeUnit)) yield* one(path === "" ? name : `${path}/${name}`, opaque);
  }

  function* one(path: string, inOpaque: boolean): Generator<Change> {
    const at = `${upper}/${path}`;
    const stat: BigIntStats | undefined = lstatSync(osPath(at), { bigint: true, throwIfNoEntry: false });
    const below = lower.find(path);
    if (stat === undefined || isUpperWhiteout(stat)) {
      if (below !== undefined) yield { kind: "gone", path };
      return;
    }
    const same = below !== undefined && isSame(below, { at, stat });
    // Elsewhere than in an opaque folder a file that is as it was is nothing but a copy that overlay made.
    if (!same || inOpaque) yield { kind: "is", path, stat, same };
    if (stat.isDirectory()) yield* folder(path, below !== undefined && (inOpaque || isUpperOpaque(at)));
  }

  yield* folder("", false);
}
