import { createHash, type Hash } from "node:crypto";
import { ProblemError } from "./problem.ts";

declare const brand: unique symbol;
/** Content address: `sha256:` + 64, or `sha512:` + 128, lower-case hex digits. Build only with {@link parseDigest} and its kin. */
export type Digest = string & { readonly [brand]: "Digest" };

export type DigestAlgorithm = "sha256" | "sha512";

const SHAPE = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** True when `text` is a content address of an algorithm we compute. */
export const isDigest = (text: string): text is Digest => SHAPE.test(text);

/**
 * Reads a content address at the edge of the program.
 * @throws {ProblemError} `digest-malformed`
 * @see https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new ProblemError("digest-malformed", {
    message: `"${text.slice(0, 160)}" is not a content address`,
    hint: 'wanted "sha256:" and 64 lower-case hex digits; a tag such as "latest" is not one',
  });
}

export const algorithmOf = (digest: Digest): DigestAlgorithm => digest.slice(0, 6) as DigestAlgorithm;
export const hexOf = (digest: Digest): string => digest.slice(7);

/** The sha256 content address of bytes (a string is taken as UTF-8). */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}

/** A running digest for streams: `update` with each chunk, then `digest` once. */
export class Digester {
  readonly #hash: Hash;
  readonly #algorithm: DigestAlgorithm;
  #size = 0;

  constructor(algorithm: DigestAlgorithm = "sha256") {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  update(chunk: Uint8Array): this {
    this.#hash.update(chunk);
    this.#size += chunk.byteLength;
    return this;
  }

  /** Bytes seen so far. */
  get size(): number {
    return this.#size;
  }

  digest(): Digest {
    return `${this.#algorithm}:${this.#hash.digest("hex")}` as Digest;
  }
}
