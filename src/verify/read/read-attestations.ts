import { inParallel } from "../../core/in-parallel.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { DOCUMENT_BYTES_LIMIT } from "../../image/json.ts";
import type { Attestation, Pointed, ReadDocument } from "../subject.ts";
import { attestationOf } from "./candidates.ts";
import type { DocumentReader } from "./document-reader.ts";

const AT_ONCE = 8;

/** What a document names is asked for once documents and configs are through: it is to take no room from these. */
export async function readAttestations(documents: readonly ReadDocument[], reader: DocumentReader): Promise<readonly Attestation[]> {
  const marked = documents.flatMap((document) => attestationOf(document) ?? []);
  return await inParallel(marked, AT_ONCE, async (one) => ({ ...one, contents: await contentsOf(one.document, reader) }));
}

async function contentsOf({ where, manifest }: ReadDocument, reader: DocumentReader): Promise<readonly Pointed[]> {
  if (manifest === undefined) return [];
  const named: readonly (readonly [string, Descriptor])[] = [
    [`${where} config`, manifest.config],
    ...manifest.layers.map((layer, i) => [`${where} layers[${i}]`, layer] as const),
  ];
  // An SBOM may be larger than any document; that it is too large for us is no fault of it.
  const small = named.filter(([, { size }]) => size <= DOCUMENT_BYTES_LIMIT);
  const contents: Pointed[] = [];
  for (const [place, descriptor] of small) {
    const { problem } = await reader.blob(descriptor);
    if (problem?.code !== "limit-exceeded") contents.push({ where: place.trimStart(), descriptor, problem });
  }
  return contents;
}
