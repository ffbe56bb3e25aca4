import { algorithmOf, type Digest, Digester } from "../../core/digest.ts";
import { isIndexType, isManifestType } from "../../core/media-type.ts";
import { ProblemError } from "../../core/problem.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { DOCUMENT_BYTES_LIMIT, type Fields, readJsonObject } from "../../image/json.ts";
import type { Index, Manifest } from "../../image/manifest.ts";
import { type ImageDocument, parseDocument } from "../../image/parse.ts";
import { readSmall } from "../../image/walk.ts";
import type { ReadDocument } from "../subject.ts";
import { faultOf } from "./faults.ts";
import type { ImageSource } from "./image-source.ts";
import { mended } from "./mended.ts";

/** All documents and configs of an image together: real ones have some hundred kilobytes. They stay in memory. */
const TOTAL_BYTES_LIMIT = 32 * 1024 * 1024;

type Bytes = Pick<ReadDocument, "bytes" | "problem">;

/** Brings documents and configs, each once however often it is named. */
export class DocumentReader {
  readonly #source: ImageSource;
  readonly #brought = new Map<string, Promise<Bytes>>();
  #room = TOTAL_BYTES_LIMIT;

  constructor(source: ImageSource) {
    this.#source = source;
  }

  /** An index or manifest, checked against its descriptor. */
  document(descriptor: Descriptor): Promise<Bytes> {
    const { readDocument, blobs } = this.#source;
    return this.#once(descriptor, () => (readDocument === undefined ? readSmall(blobs, descriptor) : readDocument(descriptor)));
  }

  /** A blob that is a document. */
  blob(descriptor: Descriptor): Promise<Bytes> {
    return this.#once(descriptor, () => readSmall(this.#source.blobs, descriptor));
  }

  #once(descriptor: Descriptor, bring: () => Promise<Uint8Array>): Promise<Bytes> {
    const key = `${descriptor.digest} ${descriptor.size}`;
    const before = this.#brought.get(key);
    if (before !== undefined) return before;
    const brought = this.#checked(descriptor, bring);
    this.#brought.set(key, brought);
    return brought;
  }

  async #checked(descriptor: Descriptor, bring: () => Promise<Uint8Array>): Promise<Bytes> {
    const { digest, size } = descriptor;
    if (size > DOCUMENT_BYTES_LIMIT || size > this.#room) {
      const limit = Math.min(DOCUMENT_BYTES_LIMIT, TOTAL_BYTES_LIMIT);
      const message =
        size > DOCUMENT_BYTES_LIMIT
          ? `${digest} has ${size} bytes, at most ${limit} are accepted`
          : `the documents of the image have more than ${TOTAL_BYTES_LIMIT} bytes together`;
      return {
        bytes: undefined,
        problem: new ProblemError("limit-exceeded", { message, facts: { limit: size > DOCUMENT_BYTES_LIMIT ? limit : TOTAL_BYTES_LIMIT } }),
      };
    }
    this.#room -= size;
    const read = await faultOf(bring);
    if ("problem" in read) return { bytes: undefined, problem: read.problem };
    const bytes = read.value;
    return { bytes, problem: mismatch(bytes, digest, size) };
  }
}

function mismatch(bytes: Uint8Array, digest: Digest, size: number): ProblemError | undefined {
  const got = new Digester(algorithmOf(digest)).update(bytes).digest();
  if (got !== digest) return new ProblemError("digest-mismatch", { message: `it has the digest ${got}, wanted ${digest}`, facts: { got, wanted: digest } });
  if (bytes.length === size) return undefined;
  return new ProblemError("size-mismatch", {
    message: `${digest} has ${bytes.length} bytes, its descriptor says ${size}`,
    facts: { got: bytes.length, wanted: size },
  });
}

/** What bytes that should be an index or manifest are. A document whose bytes already have a problem is not read further. */
export async function understood(descriptor: Descriptor, { bytes, problem }: Bytes, place: Pick<ReadDocument, "where" | "parent">): Promise<ReadDocument> {
  const known = { ...place, descriptor, bytes };
  const byType = isIndexType(descriptor.mediaType) ? "index" : isManifestType(descriptor.mediaType) ? "manifest" : "unknown";
  const nothing = { fields: undefined, index: undefined, manifest: undefined, kind: byType } as const;
  if (bytes === undefined || problem !== undefined) return { ...known, ...nothing, problem };
  const json = await faultOf(() => readJsonObject(bytes, `manifest ${descriptor.digest}`));
  if ("problem" in json) return { ...known, ...nothing, problem: json.problem };
  const fields = json.value;
  const strict = await faultOf(() => parseDocument(bytes, descriptor.mediaType));
  if ("value" in strict) {
    // A root whose source told no type has its own.
    const measured = descriptor.mediaType === "" ? { ...descriptor, mediaType: strict.value.value.mediaType } : descriptor;
    return { ...known, ...readingOf(strict.value), descriptor: measured, fields, problem: undefined };
  }
  const lenient = await faultOf(() => parseDocument(Buffer.from(JSON.stringify(mended(fields))), descriptor.mediaType));
  const reading = "value" in lenient ? readingOf(lenient.value) : { ...nothing, kind: kindOf(fields, byType) };
  return { ...known, ...reading, fields, problem: strict.problem };
}

function readingOf(document: ImageDocument): {
  readonly kind: "index" | "manifest";
  readonly index: Index | undefined;
  readonly manifest: Manifest | undefined;
} {
  return document.kind === "index"
    ? { kind: "index", index: document.value, manifest: undefined }
    : { kind: "manifest", index: undefined, manifest: document.value };
}

function kindOf(fields: Fields, byType: ReadDocument["kind"]): ReadDocument["kind"] {
  const [isIndex, isManifest] = [Array.isArray(fields.manifests), Array.isArray(fields.layers)];
  return isIndex === isManifest ? byType : isIndex ? "index" : "manifest";
}
