import { formatPlatform, type Platform } from "../../core/platform.ts";
import type { PlatformImage, Subject } from "../subject.ts";
import { compareConfigs } from "./compare-configs.ts";
import { compareFiles } from "./compare-files.ts";
import { compareLayers } from "./compare-layers.ts";
import type { Comparison, PlatformComparison } from "./comparison.ts";

/** What differs between `here`, the image that is verified, and `there`. Files are told apart by content where both were scanned with hashes. */
export function compareImages(here: Subject, there: Subject, mustBeEqual: boolean): Comparison {
  const identical = here.root.descriptor.digest === there.root.descriptor.digest;
  const theirs = byPlatform(there.images);
  const ours = here.images.map((image) => compared(image, theirs.get(keyOf(image.platform))?.shift()));
  const left = there.images.filter((image) => theirs.get(keyOf(image.platform))?.includes(image));
  return { name: there.name, digest: there.root.descriptor.digest, mustBeEqual, identical, platforms: [...ours, ...left.map(onlyThat)] };
}

/** Where one platform has several images, the first meets the first. */
function byPlatform(images: readonly PlatformImage[]): Map<string, PlatformImage[]> {
  const found = new Map<string, PlatformImage[]>();
  for (const image of images) {
    const key = keyOf(image.platform);
    const before = found.get(key);
    if (before === undefined) found.set(key, [image]);
    else before.push(image);
  }
  return found;
}

/** A release of Windows is its version's first three numbers; the fourth is its monthly update. */
function keyOf(platform: Platform): string {
  const version = platform["os.version"];
  return formatPlatform(version === undefined ? platform : { ...platform, "os.version": version.split(".").slice(0, 3).join(".") });
}

function compared(here: PlatformImage, there: PlatformImage | undefined): PlatformComparison {
  if (there === undefined) return inOneOnly(here, "only-this");
  const identical = here.manifest.descriptor.digest === there.manifest.descriptor.digest;
  return {
    platform: here.name,
    presence: "both",
    identical,
    config: identical ? [] : compareConfigs(here.config, there.config),
    layers: compareLayers(here.layers, there.layers),
    files: identical ? NOTHING : compareFiles(here.files, there.files),
  };
}

const NOTHING = { added: 0, removed: 0, changed: 0, timesOnly: 0, uncompared: 0, list: [] };

const onlyThat = (image: PlatformImage): PlatformComparison => inOneOnly(image, "only-that");

const inOneOnly = (image: PlatformImage, presence: "only-this" | "only-that"): PlatformComparison => ({
  platform: image.name,
  presence,
  identical: false,
  config: [],
  layers: presence === "only-this" ? compareLayers(image.layers, []) : compareLayers([], image.layers),
  files: undefined,
});
