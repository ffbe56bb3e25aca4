import { expect, test } from "vitest";
import { tarOf } from "../../../test/harness/made-image-files.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { putBytes } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { scanLayer } from "../scan/scan-layer.ts";
import { layerStacks } from "./layer-stacks.ts";
import { type LayerReading, layerKey } from "./read-layers.ts";

async function layersOf(...names: readonly string[]): Promise<{ readonly layers: readonly Descriptor[]; readonly readings: Map<string, LayerReading> }> {
  const store = memoryBlobStore();
  const layers: Descriptor[] = [];
  const readings = new Map<string, LayerReading>();
  for (const name of names) {
    const bytes = tarOf({ [name]: "a", [`${name}2`]: "b" });
    const layer = { mediaType: "layer", digest: await putBytes(store, bytes), size: bytes.length };
    layers.push(layer);
    readings.set(layerKey(layer), { contents: await scanLayer(store, layer, { hashes: false, nested: false }), problem: undefined, foreign: false });
  }
  return { layers, readings };
}

test("what two platforms have from the bottom up is one object", async () => {
  const { layers, readings } = await layersOf("base", "x", "y");
  const [base, x, y] = layers as [Descriptor, Descriptor, Descriptor];
  // Three layers of two entries each: the base counts once.
  const stackOf = layerStacks(readings, 6);
  const [one, other] = [stackOf("manifests[0]", [base, x], undefined), stackOf("manifests[1]", [base, y], undefined)];
  expect(one.layers[0]).toBe(other.layers[0]);
  expect([one, other].map(({ files }) => files?.children(""))).toEqual([
    ["base", "base2", "x", "x2"],
    ["base", "base2", "y", "y2"],
  ]);
});

test("one large layer upon many small ones is put into no more trees than there is room for", async () => {
  const { layers, readings } = await layersOf("large", "x", "y");
  const [large, x, y] = layers as [Descriptor, Descriptor, Descriptor];
  const stackOf = layerStacks(readings, 6);
  expect(stackOf("manifests[0]", [x, large], undefined).files?.children("")).toHaveLength(4);
  expect(stackOf("manifests[1]", [y, large], undefined)).toMatchObject({ files: undefined, filesProblem: { code: "limit-exceeded", facts: { limit: 6 } } });
});
