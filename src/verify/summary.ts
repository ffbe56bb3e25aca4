import { SEVERITIES } from "../findings/severity.ts";
import { kindOf, misfitOf } from "./binary/fit.ts";
import type { ImageFinding } from "./finding.ts";
import type { VerifiedPlatform } from "./report.ts";
import { startLine } from "./start/starts.ts";
import type { PlatformImage, Subject } from "./subject.ts";

/** What there is to say of a platform in one line. */
export function verifiedPlatform(image: PlatformImage, findings: readonly ImageFinding[]): VerifiedPlatform {
  const own = findings.filter(({ at }) => at.platform === image.name);
  return {
    name: image.name,
    digest: image.manifest.descriptor.digest,
    size: image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    layers: image.layers.length,
    ...filesOf(image),
    starts: startLine(image),
    worst: SEVERITIES.find((severity) => own.some((finding) => finding.severity === severity)),
  };
}

function filesOf({ files, platform }: PlatformImage): Pick<VerifiedPlatform, "files" | "binaries"> {
  if (files === undefined) return { files: undefined, binaries: undefined };
  let [count, total, fitting] = [0, 0, 0];
  for (const [, node] of files.walk()) {
    if (node.type !== "file") continue;
    count++;
    const binary = node.source?.contents?.binaries.get(node.offset);
    // Code for other processors than computers have is data here.
    if (binary === undefined || kindOf(binary) === "device") continue;
    total++;
    if (misfitOf(binary, platform) === undefined) fitting++;
  }
  return { files: count, binaries: { total, fitting } };
}

/** What was not looked at, and why: a sentence each. */
export function notesOf({ images, documents }: Subject): readonly string[] {
  const foreign = images.flatMap((image) =>
    image.layers.filter((layer) => layer.foreign).map((layer) => `layer ${layer.number} of ${image.name} is to be had elsewhere, and was not read`),
  );
  const blind = images
    .filter(({ files }) => files === undefined)
    .map(({ name }) => `the files of ${name} are not known, because its layers could not all be read`);
  const unread = documents.some(({ kind }) => kind === "unknown") ? ["what an unreadable document holds was not looked at"] : [];
  return [...new Set([...foreign, ...blind, ...unread])];
}
