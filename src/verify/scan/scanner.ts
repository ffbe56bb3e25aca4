import type { Digest } from "../../core/digest.ts";
import { createGate } from "../../core/gate.ts";
import { isProblem } from "../../core/problem.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { sized, sizeMismatch } from "../../image/layer.ts";
import { type ScanLimits, scanBudget } from "./budget.ts";
import type { LayerContents, ScanDepth } from "./contents.ts";
import { type ContentsRecord, decodeContents, encodeContents } from "./contents-codec.ts";
import { scanLayer } from "./scan-layer.ts";
import { takeContents } from "./weight.ts";

/** Where scans are remembered, by a layer's digest. Losing it costs time only. */
export interface ScanMemory {
  read(key: string): Promise<Uint8Array | undefined>;
  write(key: string, bytes: Uint8Array): Promise<void>;
}

export interface ScannerOptions {
  readonly reader: BlobReader;
  readonly depth: ScanDepth;
  /** Undefined: nothing is remembered. */
  readonly memory?: ScanMemory | undefined;
  /** What `reader` has under a digest has that digest: a registry's, or the store's. False for files that anybody may have altered: then a remembered layer is read, packed, to check it. */
  readonly trusted: boolean;
  /** Layers at a time; default {@link LAYERS_AT_A_TIME}. */
  readonly concurrency?: number | undefined;
  /** What is remembered does not count; what is found is remembered. */
  readonly fresh?: boolean | undefined;
  /** Of all layers together. */
  readonly limits?: Partial<ScanLimits> | undefined;
}

/** While one is unpacked on a thread of zlib's, another is hashed. */
export const LAYERS_AT_A_TIME = 3;

/** Scans layers, each once however many platforms share it. */
export interface Scanner {
  /**
   * One object for a layer, whoever asks.
   * @throws what {@link scanLayer} throws, the same each time; one layer's failure leaves the others
   */
  scan(layer: Descriptor): Promise<LayerContents>;
  /** Packed bytes that were read, layers that were scanned, and layers that were remembered. */
  readonly counts: { readonly bytes: number; readonly layers: number; readonly remembered: number };
}

export function scanner({ reader, depth, memory, trusted, concurrency = LAYERS_AT_A_TIME, fresh = false, limits }: ScannerOptions): Scanner {
  const counts = { bytes: 0, layers: 0, remembered: 0 };
  const scans = new Map<string, Promise<LayerContents>>();
  const met = new Set<Digest>();
  const gate = createGate(concurrency);
  const budget = scanBudget(limits);
  const read = (bytes: number): void => {
    counts.bytes += bytes;
  };

  /** The layer is where it was, and what it was: so far as that is not certain from its digest. */
  async function isUnchanged(layer: Descriptor): Promise<boolean> {
    if (trusted) {
      try {
        return (await reader.stat(layer.digest)) === layer.size;
      } catch (error) {
        // Reading it tells more. A registry may answer nothing but reading.
        if (isProblem(error)) return false;
        throw error;
      }
    }
    for await (const chunk of sized(reader.open(layer.digest), layer)) read(chunk.length);
    return true;
  }

  async function recall(layer: Descriptor): Promise<ContentsRecord | undefined> {
    const bytes = await memory?.read(layer.digest);
    const record = bytes === undefined ? undefined : decodeContents(bytes);
    return record?.size === layer.size ? record : undefined;
  }

  async function remember(layer: Descriptor, contents: LayerContents): Promise<void> {
    const bytes = memory === undefined ? undefined : encodeContents(layer.size, contents);
    if (bytes === undefined) return;
    try {
      await memory?.write(layer.digest, bytes);
    } catch (error) {
      // A full disk takes nothing from what was seen.
      if (!isProblem(error)) throw error;
    }
  }

  /** @throws {ProblemError} `size-mismatch` for a blob that has another size; one that cannot be asked is read */
  async function checkSize(layer: Descriptor): Promise<void> {
    const size = await reader.stat(layer.digest).catch((error: unknown) => {
      if (!isProblem(error)) throw error;
      return undefined;
    });
    if (size !== undefined && size !== layer.size) throw sizeMismatch(layer, String(size));
  }

  async function scan(layer: Descriptor): Promise<LayerContents> {
    const record = fresh ? undefined : await recall(layer);
    if (record !== undefined && (record.depth.hashes || !depth.hashes) && (record.depth.nested || !depth.nested) && (await isUnchanged(layer))) {
      const own = budget.layer();
      const contents = asAsked(record.contents, depth);
      try {
        takeContents(own, contents);
      } catch (error) {
        own.giveBack();
        throw error;
      }
      counts.remembered++;
      return contents;
    }
    // What is remembered never becomes less.
    const closer: ScanDepth = { hashes: depth.hashes || record?.depth.hashes === true, nested: depth.nested || record?.depth.nested === true };
    const contents = await scanLayer(reader, layer, closer, { read, budget });
    counts.layers++;
    await remember(layer, contents);
    return asAsked(contents, depth);
  }

  async function inTurn(layer: Descriptor, known: boolean): Promise<LayerContents> {
    const leave = await gate.enter();
    try {
      if (known) await checkSize(layer);
      return await scan(layer);
    } finally {
      leave();
    }
  }

  return {
    counts,
    scan(layer) {
      const key = `${layer.digest} ${layer.size}`;
      const there = scans.get(key);
      if (there !== undefined) return there;
      // Descriptors that disagree about the size are not all right, and a thousand lies must not be a thousand downloads.
      const known = met.has(layer.digest);
      met.add(layer.digest);
      const made = inTurn(layer, known);
      scans.set(key, made);
      return made;
    },
  };
}

/** What was seen before by a closer look must not tell more now: findings hang on what is asked, not on what was asked before. */
function asAsked(contents: LayerContents, { hashes, nested }: ScanDepth): LayerContents {
  const isMore = (!hashes && contents.hashes !== undefined) || (!nested && contents.nested !== undefined);
  return isMore ? { ...contents, hashes: hashes ? contents.hashes : undefined, nested: nested ? contents.nested : undefined } : contents;
}
