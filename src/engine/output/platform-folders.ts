import { formatPlatform, platformFolder } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { LayerEntry } from "../../image/entry.ts";
import type { BuildResult, BuiltImage } from "../engine.ts";
import type { Records } from "../records.ts";
import { type FlatImage, flattenImage } from "./flat-image.ts";
import { blobsOf } from "./result-images.ts";

/** An image's files and the folder of the output that they go into. */
export interface PlacedImage {
  readonly image: BuiltImage;
  readonly files: FlatImage;
  /** Entry of the platform's folder; absent: they go to the top. */
  readonly folder?: LayerEntry;
  /** An entry as it stands in the output. */
  readonly place: (entry: LayerEntry) => LayerEntry;
}

/**
 * Flattens every image of a result and says where its files go: several platforms get a folder each (`linux_arm_v7`) unless told otherwise, one never does.
 * @param epoch  seconds; the time of everything, as in BuildKit
 * @throws {ProblemError} `output-conflict` when two platforms without folders of their own have a file of the same name
 * @see moby/buildkit exporter/local/export.go and fs.go at 73ed682 (2026-08-21)
 */
export async function placeImages(
  result: BuildResult,
  split: boolean | undefined,
  epoch: number | undefined,
  records?: Records,
): Promise<readonly PlacedImage[]> {
  const inFolders = result.index !== undefined && split !== false;
  const blobs = blobsOf(result);
  const placed: PlacedImage[] = [];
  for (const image of result.images) {
    const folder = platformFolder(image.platform);
    const prefix = inFolders ? `${folder}/` : "";
    placed.push({
      image,
      files: await flattenImage(image, blobs, records),
      ...(inFolders ? { folder: { path: folder, type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: epoch ?? 0, size: 0 } } : {}),
      place: (entry) => ({
        ...entry,
        path: prefix + entry.path,
        ...(entry.type === "hardlink" && entry.link !== undefined ? { link: prefix + entry.link } : {}),
        ...(epoch === undefined ? {} : { mtime: epoch }),
      }),
    });
  }
  if (!inFolders) refuseMeeting(placed);
  return placed;
}

function refuseMeeting(placed: readonly PlacedImage[]): void {
  const owners = new Map<string, string>();
  for (const { image, files } of placed) {
    const platform = formatPlatform(image.platform);
    for (const { path, type } of [...files.plain, ...files.files, ...files.hardlinks]) {
      if (type === "directory") continue;
      const owner = owners.get(path);
      if (owner !== undefined)
        throw new ProblemError("output-conflict", {
          message: `${platform} and ${owner} both have "${path}", and platform-split=false puts them into one folder`,
          hint: "leave platform-split out, so that each platform gets a folder of its own",
          facts: { path },
        });
      owners.set(path, platform);
    }
  }
}
