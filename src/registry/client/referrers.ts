import { algorithmOf, type Digest, hexOf, isDigest } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { isProblem } from "../../core/problem.ts";
import type { Reference } from "../../core/reference.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { statusProblem } from "./answer-problem.ts";
import type { TransferOptions } from "./client.ts";
import { endpointsOf } from "./endpoint.ts";
import type { Exchange } from "./exchange.ts";
import { pullManifest, pushManifest } from "./manifests.ts";
import type { RegistryOptions } from "./options.ts";
import { objectIn, pagesOf } from "./pages.ts";
import { repositoryScope } from "./scope.ts";

type Repository = Pick<Reference, "registry" | "repository">;

/** How registries without the referrers API answer it; 404 is what the specification names. */
const NO_REFERRERS: ReadonlySet<number> = new Set([400, 404, 405, 501]);

/**
 * Everything that names `digest` as its subject.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export async function listReferrers(
  exchange: Exchange,
  options: RegistryOptions,
  place: Repository,
  digest: Digest,
  { signal, artifactType }: TransferOptions & { readonly artifactType?: string } = {},
): Promise<readonly Descriptor[]> {
  const { registry, repository } = place;
  const [endpoint] = endpointsOf(registry, options, "push");
  const query = artifactType === undefined ? {} : { artifactType };
  const found: Descriptor[] = [];
  const call = {
    endpoint,
    method: "GET",
    target: `${repository}/referrers/${digest}`,
    query,
    scopes: [repositoryScope(repository, "pull")],
    repository,
    signal,
  } as const;
  for await (const page of pagesOf(exchange, { ...call, headers: { accept: MEDIA_TYPE.ociIndex } })) {
    const type = page.headers["content-type"]?.split(";")[0]?.trim();
    if (NO_REFERRERS.has(page.status) || (page.status === 200 && type !== MEDIA_TYPE.ociIndex)) {
      const { listed } = await taggedReferrers(exchange, options, place, digest, signal);
      return filtered(listed, artifactType);
    }
    if (page.status !== 200) throw statusProblem(page.asked, page.status, page.bytes);
    found.push(...descriptorsIn(objectIn(page).manifests));
  }
  return filtered(found, artifactType);
}

/**
 * Adds a manifest to the list that stands in for the referrers API, where a registry has none.
 * Two clients at once may lose one of both entries: the scheme knows no lock.
 */
export async function tagReferrer(
  exchange: Exchange,
  options: RegistryOptions,
  place: Repository,
  subject: Digest,
  referrer: Descriptor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { whole, listed } = await taggedReferrers(exchange, options, place, subject, signal);
  if (listed.some(({ digest }) => digest === referrer.digest)) return;
  const index = { ...whole, schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [...listed, referrer] };
  const bytes = Buffer.from(JSON.stringify(index));
  const { registry, repository } = place;
  await pushManifest(exchange, options, { registry, repository, tag: tagFor(subject) }, MEDIA_TYPE.ociIndex, bytes, signal === undefined ? {} : { signal });
}

const tagFor = (digest: Digest): string => `${algorithmOf(digest)}-${hexOf(digest).slice(0, 64)}`;

async function taggedReferrers(
  exchange: Exchange,
  options: RegistryOptions,
  place: Repository,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<{ readonly whole: Readonly<Record<string, unknown>>; readonly listed: readonly Descriptor[] }> {
  const { registry, repository } = place;
  try {
    // A mirror may hold an old list.
    const { mirrors: _, ...direct } = options;
    const { bytes } = await pullManifest(exchange, direct, { registry, repository, tag: tagFor(digest) }, signal === undefined ? {} : { signal });
    const whole = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
    return { whole, listed: descriptorsIn(whole.manifests) };
  } catch (error) {
    if (isProblem(error, "registry-not-found")) return { whole: {}, listed: [] };
    throw error;
  }
}

/** The sound descriptors of a list; a broken one names nothing that could be brought. */
function descriptorsIn(list: unknown): Descriptor[] {
  return Array.isArray(list) ? list.filter(isDescriptor) : [];
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== "object" || value === null) return false;
  const { mediaType, digest, size, artifactType } = value as Record<string, unknown>;
  return (
    typeof mediaType === "string" &&
    typeof digest === "string" &&
    isDigest(digest) &&
    typeof size === "number" &&
    Number.isSafeInteger(size) &&
    size >= 0 &&
    (artifactType === undefined || typeof artifactType === "string")
  );
}

const filtered = (all: readonly Descriptor[], artifactType: string | undefined): readonly Descriptor[] =>
  artifactType === undefined ? all : all.filter((descriptor) => descriptor.artifactType === artifactType);
