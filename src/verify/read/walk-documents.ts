import { digestOf } from "../../core/digest.ts";
import { inParallel } from "../../core/in-parallel.ts";
import { isIndexType, isManifestType } from "../../core/media-type.ts";
import { ProblemError } from "../../core/problem.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { ReadDocument } from "../subject.ts";
import { type DocumentReader, understood } from "./document-reader.ts";
import type { ImageSource } from "./image-source.ts";
import { lenientDescriptor } from "./mended.ts";

/** Indexes within indexes: one is usual, two are known. */
const INDEX_DEPTH_LIMIT = 8;
/** Documents and layers at all their places. */
const PLACES_LIMIT = 100_000;
const DOCUMENTS_AT_ONCE = 8;

/** Every index and manifest of an image, the root first, then as each index lists them. */
export async function walkDocuments(source: ImageSource, reader: DocumentReader): Promise<readonly ReadDocument[]> {
  const documents: ReadDocument[] = [];
  let places = 0;

  async function visit(descriptor: Descriptor, where: string, parent: ReadDocument | undefined, bytes = reader.document(descriptor)): Promise<void> {
    const refused = refusal(descriptor, parent);
    const document = await understood(descriptor, refused === undefined ? await bytes : { bytes: undefined, problem: refused }, { where, parent });
    places += 1 + (document.manifest?.layers.length ?? 0);
    documents.push(places > PLACES_LIMIT ? { ...document, index: undefined, manifest: undefined, problem: tooMany() } : document);
    const children = document.kind === "index" && document.problem?.code !== "limit-exceeded" ? childrenOf(document) : [];
    await inParallel(children.slice(0, PLACES_LIMIT - places), DOCUMENTS_AT_ONCE, ({ child }) => reader.document(child));
    for (const { child, i } of children) {
      if (places > PLACES_LIMIT) return;
      await visit(child, `${where === "" ? "" : `${where} `}manifests[${i}]`, document);
    }
  }

  const { root } = source;
  if ("descriptor" in root) await visit(root.descriptor, "", undefined);
  else {
    const descriptor = { mediaType: root.mediaType ?? "", digest: digestOf(root.bytes), size: root.bytes.length };
    await visit(descriptor, "", undefined, Promise.resolve({ bytes: root.bytes, problem: undefined }));
  }
  return documents;
}

/** Members of an index that are documents; a member of another type is nobody's fault. */
function childrenOf({ fields }: ReadDocument): { readonly child: Descriptor; readonly i: number }[] {
  const members = Array.isArray(fields?.manifests) ? (fields.manifests as readonly unknown[]) : [];
  return members.flatMap((member, i) => {
    const child = lenientDescriptor(member);
    return child !== undefined && (isIndexType(child.mediaType) || isManifestType(child.mediaType)) ? [{ child, i }] : [];
  });
}

function refusal(descriptor: Descriptor, parent: ReadDocument | undefined): ProblemError | undefined {
  let depth = 0;
  for (let above = parent; above !== undefined; above = above.parent) {
    if (above.descriptor.digest === descriptor.digest) return new ProblemError("manifest-invalid", { message: `index ${descriptor.digest} holds itself` });
    depth += 1;
  }
  if (depth <= INDEX_DEPTH_LIMIT) return undefined;
  return new ProblemError("limit-exceeded", { message: `indexes lie deeper than ${INDEX_DEPTH_LIMIT} levels`, facts: { limit: INDEX_DEPTH_LIMIT } });
}

const tooMany = (): ProblemError =>
  new ProblemError("limit-exceeded", { message: `the image holds more than ${PLACES_LIMIT} documents and layers`, facts: { limit: PLACES_LIMIT } });
