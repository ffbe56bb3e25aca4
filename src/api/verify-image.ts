import { findRepository } from "../adapters/node/repository-files.ts";
import type { World } from "../adapters/node/world.ts";
import { digestOf as digestOfBytes } from "../core/digest.ts";
import { formatPlatform } from "../core/platform.ts";
import { formatReference } from "../core/reference.ts";
import { failsAt } from "../findings/severity.ts";
import { compareImages } from "../verify/against/compare.ts";
import type { Comparison } from "../verify/against/comparison.ts";
import { checkImage, rulesFor } from "../verify/check.ts";
import { readImage } from "../verify/read/read-image.ts";
import { IMAGE_RULES } from "../verify/registry.ts";
import type { VerifyReport } from "../verify/report.ts";
import type { ScanDepth } from "../verify/scan/contents.ts";
import type { SmokeResult } from "../verify/smoke.ts";
import type { Subject, WantedPlatforms } from "../verify/subject.ts";
import { notesOf, verifiedPlatform } from "../verify/summary.ts";
import { parsePlatforms } from "./flags.ts";
import { refuseUnknownRules, summaryOfRule } from "./image-rules.ts";
import { keptDocuments } from "./kept-documents.ts";
import { layerScans } from "./layer-scans.ts";
import { type OpenedSource, openSource } from "./open-source.ts";
import { type Session, withSession } from "./session.ts";
import { smoke } from "./smoke.ts";
import { commandWords } from "./smoke-command.ts";
import type { VerifyOptions } from "./verify.ts";

/** What `verify` does. */
export async function verifyImage(name: string, options: VerifyOptions, world: World): Promise<VerifyReport> {
  refuseUnknownRules(options.ignore ?? []);
  // What is wrong with the words is told before anything is read.
  if (typeof options.smoke === "string") commandWords(options.smoke);
  const asked = parsePlatforms(options.platforms ?? [], world.buildPlatform);
  return await withSession(world, options, async (session) => {
    const open = async (image: string): Promise<OpenedSource> =>
      keptDocuments(await openSource(image, world, session.client, options.signal), session.store.blobs);
    const source = await open(name);
    const wanted = asked.length > 0 ? { platforms: asked, by: "--platform" } : await wantedFor(source, options, world);
    const other = options.against === undefined ? undefined : await open(options.against);
    return await look(source, other, wanted, options, world, session);
  });
}

/** The walk of workflows is loaded only where there is a repository to walk. */
async function wantedFor({ reference, root }: OpenedSource, options: VerifyOptions, world: World): Promise<WantedPlatforms | undefined> {
  const path = options.repository ?? world.cwd;
  if (findRepository(path) === undefined) return undefined;
  const { publishedPlatforms } = await import("./wanted-platforms.ts");
  // Docker and BuildKit write the whole name beside an image of an archive.
  const told = "descriptor" in root ? root.descriptor.annotations?.["io.containerd.image.name"] : undefined;
  return await publishedPlatforms(path, reference === undefined ? told : formatReference(reference), world.clock);
}

async function look(
  source: OpenedSource,
  other: OpenedSource | undefined,
  wanted: WantedPlatforms | undefined,
  options: VerifyOptions,
  world: World,
  session: Session,
): Promise<VerifyReport> {
  // Files are compared by their hashes; of one image under two names nothing more has to be known.
  const hashes = other !== undefined && digestOf(source) !== digestOf(other);
  const depth: ScanDepth = { hashes, nested: options.archives ?? false };
  const scans = layerScans(source, depth, options, session.store);
  const read = await readImage(source, { scan: scans.scan, wanted });
  const plain: Subject = { ...read, against: undefined, smoke: undefined };
  // After the first: layers that both have are remembered then.
  const against = other === undefined ? undefined : await comparison(plain, other, depth, options, session);
  const started = options.smoke === undefined || options.smoke === false ? undefined : await startAll(plain, source, options, session, world);
  return reportOf({ ...plain, against, smoke: started }, scans.counts(), options);
}

async function comparison(subject: Subject, other: OpenedSource, depth: ScanDepth, options: VerifyOptions, { store }: Session): Promise<Comparison> {
  const { scan } = layerScans(other, depth, { ...options, progress: undefined }, store);
  const that = await readImage(other, { scan });
  return compareImages(subject, { ...that, against: undefined, smoke: undefined }, options.equal ?? false);
}

async function startAll(subject: Subject, source: OpenedSource, options: VerifyOptions, session: Session, world: World): Promise<readonly SmokeResult[]> {
  const { smoke: asked, smokeTimeoutMs: timeoutMs, emulators, note, signal } = options;
  const command = typeof asked === "string" ? asked : undefined;
  return await smoke(subject.images, { command, timeoutMs, emulators, note, signal }, source.blobs, session, world);
}

function reportOf(subject: Subject, read: VerifyReport["read"], options: VerifyOptions): VerifyReport {
  const ignored = options.ignore ?? [];
  const rules = rulesFor(
    subject,
    IMAGE_RULES.filter(({ meta }) => !ignored.includes(meta.id)),
  );
  const findings = checkImage(subject, rules);
  const failOn = options.failOn ?? "error";
  const { wanted, against, smoke: started, root } = subject;
  return {
    name: subject.name,
    digest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    platforms: subject.images.map((image) => verifiedPlatform(image, findings)),
    findings,
    wanted: wanted === undefined ? undefined : { platforms: wanted.platforms.map(formatPlatform), by: wanted.by },
    against,
    smoke: started,
    notes: notesOf(subject),
    failOn,
    failed: failsAt(findings, failOn),
    read,
    rules: rules.map(summaryOfRule),
  };
}

const digestOf = ({ root }: OpenedSource): string => ("bytes" in root ? digestOfBytes(root.bytes) : root.descriptor.digest);
