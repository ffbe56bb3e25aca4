import type { ExportReport } from "./export-result.ts";
import { holdsImage } from "./output.ts";

/**
 * The document of `--metadata-file`, keys as `docker buildx build` writes them and sorted as it sorts them; only what is true of a build of ours
 * (there is no `buildx.build.ref`, since no builder keeps a history).
 * @see docker/buildx commands/build.go (decodeExporterResponse) at 461836b (2026-08-20)
 */
export function metadataOf(reports: readonly ExportReport[]): Readonly<Record<string, unknown>> {
  const images = reports.filter((report) => report.descriptor !== undefined);
  const [first] = images;
  const names = [...new Set(images.flatMap((report) => report.names))];
  return {
    ...(first?.configDigest === undefined ? {} : { "containerimage.config.digest": first.configDigest }),
    ...(first?.descriptor === undefined ? {} : { "containerimage.descriptor": first.descriptor, "containerimage.digest": first.descriptor.digest }),
    ...(names.length === 0 ? {} : { "image.name": names.join(",") }),
  };
}

/** The text of `--iidfile`: the config's digest of a single image, else the index's; no newline. Empty when no output holds an image. */
export function imageIdOf(reports: readonly ExportReport[]): string {
  const report = reports.find(({ output }) => holdsImage(output));
  return report?.configDigest ?? report?.descriptor?.digest ?? "";
}
