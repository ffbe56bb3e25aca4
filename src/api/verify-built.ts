import type { World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import type { BuildResult } from "../engine/engine.ts";
import { blobsOf, rootOf } from "../engine/output/result-images.ts";
import { failsAt } from "../findings/severity.ts";
import { checkImage } from "../verify/check.ts";
import type { ImageFinding } from "../verify/finding.ts";
import { readImage } from "../verify/read/read-image.ts";
import { IMAGE_RULES } from "../verify/registry.ts";
import { layerScans } from "./layer-scans.ts";
import type { BuildRequest, Verified } from "./request.ts";
import type { Session } from "./session.ts";

/** Told in full; the rest is counted. */
const MOST_TOLD = 10;

/**
 * Proves what a build gave, before it goes anywhere. Warnings are told as events.
 * @throws {ProblemError} `image-unsound` when something is wrong for certain
 */
export async function verifyBuilt(result: BuildResult, { events }: BuildRequest, world: World, { store }: Session): Promise<Verified> {
  const step = { step: "verify", name: "verifying the image" };
  events?.emit({ type: "step-started", ...step, atMs: world.clock.nowMs() });
  const blobs = blobsOf(result);
  const source = { name: "the image", root: { descriptor: rootOf(result).descriptor }, blobs };
  // What the store has under a digest is that.
  const { scan } = layerScans({ blobs, reference: undefined, trusted: true }, { hashes: false, nested: false }, {}, store);
  const wanted = { platforms: result.images.map(({ platform }) => platform), by: "the build" };
  const subject = await readImage(source, { scan, wanted });
  const findings = checkImage({ ...subject, against: undefined, smoke: undefined }, IMAGE_RULES);
  const [errors, warnings] = (["error", "warning"] as const).map((severity) => findings.filter((finding) => finding.severity === severity)) as [
    ImageFinding[],
    ImageFinding[],
  ];
  if (failsAt(findings, "error")) throw unsound(errors);
  for (const finding of [...errors, ...warnings]) events?.emit({ type: "warning", message: sentenceOf(finding), atMs: world.clock.nowMs() });
  events?.emit({ type: "step-done", step: step.step, atMs: world.clock.nowMs() });
  return { errors: errors.length, warnings: warnings.length };
}

function unsound(errors: readonly ImageFinding[]): ProblemError {
  const told = errors.slice(0, MOST_TOLD).map(sentenceOf);
  if (errors.length > told.length) told.push(`and ${errors.length - told.length} more`);
  return new ProblemError("image-unsound", {
    message: `the image is wrong, and goes nowhere:\n${told.join("\n")}`,
    hint: `${errors[0]?.remedies[0] ?? "mend what the image is built from"}; with \`-o type=oci,dest=FILE --no-verify\` it is written as it is, and \`multihull verify FILE\` tells all about it`,
    facts: { errors: errors.length, rules: [...new Set(errors.map(({ rule }) => rule))].join(",") },
  });
}

const sentenceOf = ({ rule, message, at }: ImageFinding): string => `${at.platform === undefined ? "" : `${at.platform}: `}${message} [${rule}]`;
