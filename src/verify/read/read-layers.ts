import { inParallel } from "../../core/in-parallel.ts";
import type { ProblemError } from "../../core/problem.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { LayerContents } from "../scan/contents.ts";
import { faultOf } from "./faults.ts";
import { isNonDistributable, isReadable } from "./media-types.ts";

/** What reading a layer gave. */
export interface LayerReading {
  readonly contents: LayerContents | undefined;
  readonly problem: ProblemError | undefined;
  readonly foreign: boolean;
}

const LAYERS_AT_ONCE = 4;

export const layerKey = ({ digest, size }: Descriptor): string => `${digest} ${size}`;

/** Reads layers, each once, the largest first so that none is left to be waited for at the end. By {@link layerKey}. */
export async function readLayers(
  layers: readonly Descriptor[],
  blobs: BlobReader,
  scan: (layer: Descriptor) => Promise<LayerContents>,
): Promise<ReadonlyMap<string, LayerReading>> {
  const distinct = [...new Map(layers.map((layer) => [layerKey(layer), layer])).values()].sort((a, b) => b.size - a.size);
  const readings = await inParallel(distinct, LAYERS_AT_ONCE, (layer) => readLayer(layer, blobs, scan));
  return new Map(distinct.map((layer, i) => [layerKey(layer), readings[i] as LayerReading]));
}

async function readLayer(layer: Descriptor, blobs: BlobReader, scan: (layer: Descriptor) => Promise<LayerContents>): Promise<LayerReading> {
  const nothing = { contents: undefined, problem: undefined, foreign: false };
  if (isNonDistributable(layer.mediaType) || (layer.urls ?? []).length > 0) {
    const found = await faultOf(() => blobs.stat(layer.digest));
    if (!("value" in found) || found.value === undefined) return { ...nothing, foreign: true };
  }
  if (!isReadable(layer.mediaType)) return nothing;
  const scanned = await faultOf(() => scan(layer));
  return "value" in scanned ? { ...nothing, contents: scanned.value } : { ...nothing, problem: scanned.problem };
}
