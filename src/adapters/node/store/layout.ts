import { createHash } from "node:crypto";
import { join } from "node:path";
import { algorithmOf, type Digest, hexOf, isDigest } from "../../../core/digest.ts";

/** Where things lie in a store's folder. */
export interface StoreLayout {
  readonly folder: string;
  /** Tells which version wrote the store. */
  readonly versionFile: string;
  /** `blobs/ALGORITHM/HEX`, as in an OCI layout. */
  readonly blobs: string;
  /** Files being written, named `OWNER.N`; what is done is renamed or linked out of it. */
  readonly ingest: string;
  readonly records: string;
  /** `registry/REPOSITORY/` with `_blobs`, `_manifests`, `_referrers` and `_tags`: no part of a repository's name starts with `_`. */
  readonly registry: string;
  /** One file an open store, named for its owner. */
  readonly leases: string;
  /** Blobs that turned out not to be what their digest says. */
  readonly damaged: string;
  readonly pruneLock: string;
  /** Held while a program runs whose result others may be waiting for; named for the step's key. */
  readonly locks: string;
  /** Files and folders of programs: see `adapters/node/sandbox/protocol.ts`. */
  readonly sandbox: string;
}

export const layoutOf = (folder: string): StoreLayout => ({
  folder,
  versionFile: join(folder, "store.json"),
  blobs: join(folder, "blobs"),
  ingest: join(folder, "ingest"),
  records: join(folder, "records"),
  registry: join(folder, "registry"),
  leases: join(folder, "leases"),
  damaged: join(folder, "damaged"),
  pruneLock: join(folder, "prune.lock"),
  locks: join(folder, "locks"),
  sandbox: join(folder, "sandbox"),
});

/** `sha256/HEX` below `folder`. */
export const digestPath = (folder: string, digest: Digest): string => join(folder, algorithmOf(digest), hexOf(digest));

/** The digest that a file's name in a folder of `algorithm` stands for; undefined for alien files. */
export function digestFromPath(algorithm: string, name: string): Digest | undefined {
  const digest = `${algorithm}:${name}`;
  return isDigest(digest) ? digest : undefined;
}

export const hashedName = (key: string): string => createHash("sha256").update(key).digest("hex");
