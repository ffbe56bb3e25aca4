import type { ImageFinding, LayerPlace } from "../../verify/finding.ts";

/** Findings that say the same, of one platform each. */
export interface SharedFinding {
  readonly finding: ImageFinding;
  /** Where it holds; empty for the image as a whole. */
  readonly platforms: readonly string[];
  /** Layers and documents of all, each once. */
  readonly layers: readonly LayerPlace[];
  readonly documents: readonly string[];
}

/** For people: what is said of several platforms alike is said once, where the first one stands. */
export function acrossPlatforms(findings: readonly ImageFinding[]): readonly SharedFinding[] {
  const groups = new Map<string, ImageFinding[]>();
  for (const finding of findings) {
    const { platform: _platform, layer: _layer, document: _document, ...place } = finding.at;
    const key = JSON.stringify({ ...finding, at: place });
    const before = groups.get(key);
    if (before === undefined) groups.set(key, [finding]);
    else before.push(finding);
  }
  return [...groups.values()].map((same) => ({
    finding: same[0] as ImageFinding,
    platforms: [...new Set(same.flatMap(({ at }) => at.platform ?? []))],
    layers: [...new Map(same.flatMap(({ at: { layer } }) => (layer === undefined ? [] : [[layer.digest, layer] as const]))).values()],
    documents: [...new Set(same.flatMap(({ at: { document } }) => (document === undefined || document === "" ? [] : [document])))],
  }));
}
