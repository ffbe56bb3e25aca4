import { cleanImage, cleanPlatform, TWO } from "./defects-bases.ts";
import type { MadeArtifact, MadeDamage, MadeEdit, MadeImage, MadeLayer, MadePlatform } from "./made-image-spec.ts";

// The clean image with one thing changed.

export const edits = (...all: readonly MadeEdit[]): MadeImage => ({ ...cleanImage(), edits: all });
export const damage = (...all: readonly MadeDamage[]): MadeImage => ({ ...cleanImage(), damage: all });
export const withArtifact = (artifact: MadeArtifact): MadeImage => ({ ...cleanImage(), artifacts: [artifact] });

const put = (name: string, platform: MadePlatform): MadeImage => {
  const image = cleanImage(TWO.includes(name) ? TWO : [...TWO, name]);
  return { ...image, platforms: { ...image.platforms, [name]: platform } };
};

/** Fields of one platform. Those of its config are set over what it has; null removes one. */
export function platform(name: string, { config, ...change }: Partial<MadePlatform>): MadeImage {
  const clean = cleanPlatform(name);
  const merged = Object.fromEntries(Object.entries({ ...clean.config, ...config }).filter(([, value]) => value !== null));
  return put(name, { ...clean, ...change, config: merged });
}

/** Fields of one platform's layer, from 1; `add`: its files besides those that it has. */
export function layered(name: string, number: number, change: MadeLayer, how: "set" | "add" = "set"): MadeImage {
  const layers = (cleanPlatform(name).layers ?? []).map((layer, i) => {
    if (i + 1 !== number) return layer;
    return how === "set" ? { ...layer, ...change } : { ...layer, ...change, files: { ...layer.files, ...change.files } };
  });
  return platform(name, { layers });
}
