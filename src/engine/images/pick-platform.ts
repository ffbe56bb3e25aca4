import { isIndexType, isManifestType } from "../../core/media-type.ts";
import { bestMatch, type Platform, platformOf } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { ImageConfig } from "../../image/config.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { Document, Index, Manifest } from "../../image/manifest.ts";
import type { ImageDocument } from "../../image/parse.ts";
import { platformMissing } from "../../plan/ports.ts";

/** An index within an index within an index is somebody's mistake, or an attack. */
const DEEPEST_INDEX = 3;
/** Documents that are read to find out what an index does not tell. */
const MOST_LOOKED_INTO = 32;

interface Entry {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
}

export interface IndexReader {
  document(descriptor: Descriptor): Promise<ImageDocument>;
  config(descriptor: Descriptor): Promise<ImageConfig>;
}

/** The manifest of an index that was chosen, and the platform that the index tells of it. */
export interface Picked {
  readonly manifest: Document<Manifest>;
  readonly offered: Platform;
}

/**
 * The image of an index that suits `wanted` best. Entries without a platform are looked into only when no other suits.
 * @param name  of the index, for messages
 * @throws {ProblemError} `platform-missing` | `manifest-invalid` | `limit-exceeded` | from reading
 */
export async function pickPlatform(index: Document<Index>, wanted: Platform, reader: IndexReader, name: string): Promise<Picked> {
  const told = index.value.manifests.flatMap(entryOf);
  const found = bestMatch(wanted, told);
  if (found !== undefined) return follow(found, wanted, reader, name, 1);
  const looked = await lookInto(index, reader, name, { left: MOST_LOOKED_INTO }, 1);
  const entries = [...told, ...looked];
  const best = bestMatch(wanted, entries);
  if (best === undefined) {
    throw platformMissing(
      name,
      wanted,
      entries.map(({ platform }) => platform),
    );
  }
  return follow(best, wanted, reader, name, 1);
}

/** An entry that says what it is for. Attestations say `unknown/unknown`. */
function entryOf(descriptor: Descriptor): Entry[] {
  const { platform } = descriptor;
  return platform === undefined || !isImage(descriptor) ? [] : [{ platform: platformOf(platform), descriptor }];
}

const isImage = ({ mediaType, platform, annotations, artifactType }: Descriptor): boolean =>
  (isManifestType(mediaType) || isIndexType(mediaType)) &&
  platform?.os !== "unknown" &&
  artifactType === undefined &&
  annotations?.["vnd.docker.reference.type"] !== "attestation-manifest";

async function follow({ platform, descriptor }: Entry, wanted: Platform, reader: IndexReader, name: string, depth: number): Promise<Picked> {
  const document = await reader.document(descriptor);
  if (document.kind === "manifest") return { manifest: document, offered: platform };
  if (depth === DEEPEST_INDEX) throw tooDeep(name);
  const next = bestMatch(wanted, document.value.manifests.flatMap(entryOf));
  if (next === undefined) {
    throw platformMissing(
      name,
      wanted,
      document.value.manifests.flatMap(entryOf).map((entry) => entry.platform),
    );
  }
  return follow(next, wanted, reader, name, depth + 1);
}

/** What the entries without a platform are for: an index by its own entries, a manifest by its config. */
async function lookInto(index: Document<Index>, reader: IndexReader, name: string, budget: { left: number }, depth: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const descriptor of index.value.manifests) {
    if (descriptor.platform !== undefined || !isImage(descriptor)) continue;
    if (budget.left-- === 0) throw new ProblemError("limit-exceeded", { message: `"${name}" has more than ${MOST_LOOKED_INTO} entries that tell no platform` });
    const document = await reader.document(descriptor);
    if (document.kind === "manifest") {
      const config = await reader.config(document.value.config);
      if (config.os && config.architecture) entries.push({ platform: platformOf(config), descriptor });
      continue;
    }
    if (depth === DEEPEST_INDEX) throw tooDeep(name);
    entries.push(...document.value.manifests.flatMap(entryOf), ...(await lookInto(document, reader, name, budget, depth + 1)));
  }
  return entries;
}

const tooDeep = (name: string): ProblemError =>
  new ProblemError("manifest-invalid", { message: `"${name}" nests indexes deeper than ${DEEPEST_INDEX}`, hint: "name the image by its own digest" });
