import { inParallel } from "../core/in-parallel.ts";
import { isLoopback } from "../core/loopback.ts";
import { isIndexType, isManifestType } from "../core/media-type.ts";
import { platformOf } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import { formatReference, parseReference, type Reference } from "../core/reference.ts";
import type { UnreachedImage } from "../findings/doctor-report.ts";
import type { Descriptor } from "../image/descriptor.ts";
import type { Index } from "../image/manifest.ts";
import { parseConfig, parseDocument } from "../image/parse.ts";
import { readSmall } from "../image/walk.ts";
import type { RegistryClient } from "../registry/client/client.ts";
import { takenImages } from "../rules/base-image-use.ts";
import type { BaseImage, BaseImages, BaseIndex, TaggedIndex } from "../rules/base-images.ts";
import { madeImages } from "../rules/made-images.ts";
import type { Survey } from "./diagnose.ts";

/** What registries told, and which images they told nothing of. */
export interface LookedUp {
  readonly images: BaseImages;
  readonly unreached: readonly UnreachedImage[];
}

/** Images asked for at once. */
const AT_ONCE = 8;
/** Most images that are asked for; a repository with more builds upon hundreds. */
const MOST_IMAGES = 300;
/** An image that nobody told of by then is left out: a report that is late is worse than one that says what it lacks. */
const LONGEST_MS = 20_000;

/**
 * Asks registries what the images are that the Dockerfiles of a repository build upon. Those that its own workflows make are left out: what is there
 * now is not what a build will find. So are those of a registry on loopback: that is the runner's, not ours.
 * @throws the reason of `signal`; what cannot be had is only told
 */
export async function lookUpBaseImages(
  { study, uses }: Pick<Survey, "study" | "uses">,
  client: Pick<RegistryClient, "manifest" | "blobs">,
  options: { readonly signal?: AbortSignal | undefined; readonly longestMs?: number } = {},
): Promise<LookedUp> {
  const madeHere = madeImages(study);
  const names = [...new Set(uses.flatMap(takenImages).map(({ reference }) => reference))].filter((name) => madeHere(name) !== "yes");
  const images = new Map<string, BaseImage>();
  const unreached = new Map<string, string>();
  const longestMs = options.longestMs ?? LONGEST_MS;
  const late = AbortSignal.timeout(longestMs);
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  await inParallel(names, AT_ONCE, async (name) => {
    const reference = parseReference(name);
    if (isLoopback(reference.registry)) return void unreached.set(name, `"${reference.registry}" is the runner's own registry`);
    if (names.indexOf(name) >= MOST_IMAGES) return void unreached.set(name, `no more than ${MOST_IMAGES} images are asked for`);
    try {
      for (const [key, image] of await lookUp(reference, madeHere(name) === "no", client, signal)) images.set(key, image);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (late.aborted) unreached.set(name, `there was no answer within ${longestMs / 1000} s`);
      else if (isProblem(error)) unreached.set(name, error.message);
      else throw error;
    }
  });
  return { images, unreached: names.flatMap((name) => (unreached.has(name) ? [{ image: name, why: unreached.get(name) ?? "" }] : [])) };
}

type Client = Pick<RegistryClient, "manifest" | "blobs">;

/** What the name means; beside a digest of one platform also what its tag means, under the name that a mend would write. */
async function lookUp(reference: Reference, sure: boolean, client: Client, signal: AbortSignal): Promise<readonly (readonly [string, BaseImage])[]> {
  const name = formatReference(reference);
  const raw = await client.manifest(reference, { signal });
  const document = parseDocument(raw.bytes, raw.mediaType);
  if (document.kind === "index") return [[name, indexOf(document.value, raw.digest, sure)]];
  const config = parseConfig(await readSmall(client.blobs(reference, { signal }), document.value.config));
  const own = { kind: "image", platform: platformOf(config), sure } as const;
  const { tag, digest, ...repository } = reference;
  if (tag === undefined || digest === undefined) return [[name, { ...own, tagged: undefined }]];
  const found = await taggedIndex({ ...repository, tag }, sure, client, signal);
  if (found === undefined) return [[name, { ...own, tagged: undefined }]];
  const tagged: TaggedIndex = { digest: found.index.digest, holdsIt: found.entries.some((entry) => entry.digest === digest) };
  return [
    [name, { ...own, tagged }],
    [`${formatReference({ ...repository, tag })}@${found.index.digest}`, found.index],
  ];
}

/** A tag that is gone is no loss: the digest is what is built upon. */
async function taggedIndex(
  reference: Reference,
  sure: boolean,
  client: Client,
  signal: AbortSignal,
): Promise<{ readonly index: BaseIndex; readonly entries: readonly Descriptor[] } | undefined> {
  try {
    const raw = await client.manifest(reference, { signal });
    const document = parseDocument(raw.bytes, raw.mediaType);
    if (document.kind !== "index") return undefined;
    return { index: indexOf(document.value, raw.digest, sure), entries: document.value.manifests };
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** BuildKit marks attestations so; an entry without a platform suits any, as containerd reads it. */
function indexOf({ manifests }: Index, digest: string, sure: boolean): BaseIndex {
  const entries = manifests.filter(
    ({ mediaType, platform, annotations }) =>
      (isManifestType(mediaType) || isIndexType(mediaType)) &&
      platform?.os !== "unknown" &&
      annotations?.["vnd.docker.reference.type"] !== "attestation-manifest",
  );
  return {
    kind: "index",
    digest,
    platforms: entries.flatMap(({ platform }) => (platform === undefined ? [] : [platformOf(platform)])),
    open: entries.some(({ platform }) => platform === undefined),
    sure,
  };
}
