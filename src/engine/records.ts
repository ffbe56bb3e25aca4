/** What the engine remembers beside blobs. Losing a record costs time, never correctness. */
export type RecordKind =
  /** Step cache: fingerprint of a layer's making → the layer. */
  | "steps"
  /** Blob digest of a layer → its entries and diff_id, so that a base is read once. */
  | "layers"
  /** Context name → content hashes by stamp, so that unchanged files are not read again. */
  | "contexts"
  /** Blob digest of a layer → what `verify` saw in it, so that it is read once. */
  | "contents"
  /** Digest of a built image and our version → that it was looked into, and that nothing was found. */
  | "proofs";

/** Small documents by key; keys are free text (the store hashes them). Reads of a torn or alien document give undefined. */
export interface Records {
  read(kind: RecordKind, key: string): Promise<Uint8Array | undefined>;
  /** Replaces atomically; the last writer wins. */
  write(kind: RecordKind, key: string, bytes: Uint8Array): Promise<void>;
}
