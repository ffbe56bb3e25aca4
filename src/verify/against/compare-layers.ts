import type { ImageLayer } from "../subject.ts";
import type { PlatformComparison } from "./comparison.ts";

/** How many layers are the same; a layer that stands twice counts twice. */
export function compareLayers(here: readonly ImageLayer[], there: readonly ImageLayer[]): PlatformComparison["layers"] {
  const [onlyThis, onlyThat] = withoutPairs(here, there, (layer) => layer.descriptor.digest);
  const [stillOnlyThis] = withoutPairs(onlyThis, onlyThat, (layer) => layer.contents?.index.diffId ?? layer.diffId);
  return {
    shared: here.length - onlyThis.length,
    onlyThis: onlyThis.length,
    onlyThat: onlyThat.length,
    repacked: onlyThis.length - stillOnlyThis.length,
  };
}

/** What is left of both when each that has a partner with the same key is taken away together with it. */
function withoutPairs(
  here: readonly ImageLayer[],
  there: readonly ImageLayer[],
  keyOf: (layer: ImageLayer) => string | undefined,
): readonly [readonly ImageLayer[], readonly ImageLayer[]] {
  const free = new Map<string, ImageLayer[]>();
  for (const layer of there) {
    const key = keyOf(layer);
    if (key === undefined) continue;
    const before = free.get(key);
    if (before === undefined) free.set(key, [layer]);
    else before.push(layer);
  }
  const taken = new Set<ImageLayer>();
  const left = here.filter((layer) => {
    const partner = free.get(keyOf(layer) ?? "")?.pop();
    if (partner !== undefined) taken.add(partner);
    return partner === undefined;
  });
  return [left, there.filter((layer) => !taken.has(layer))];
}
