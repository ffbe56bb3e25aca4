import type { BinarySampler } from "../binary/sampler.ts";
import type { NestedBinary } from "./contents.ts";

/** What looking into one archive may cost. */
export const NESTED_LIMITS = {
  /** A larger archive is not opened: it is kept whole, for a zip's directory stands at its end. */
  archiveBytes: 64 * 1024 * 1024,
  /** A larger one inside another is not opened. */
  innerBytes: 32 * 1024 * 1024,
  /** Files of it and of those inside it. A large web application has 60,000. */
  entries: 200_000,
  /** Bytes that come out, for each that goes in: native code shrinks to a third. The first ones do not count. */
  ratio: 32,
  freeBytes: 1024 * 1024,
  /** Binaries that are told. */
  found: 10_000,
  nameBytes: 4096,
} as const;

/** What is left of {@link NESTED_LIMITS} while one archive is looked into, and what was found. */
export interface NestedSearch {
  readonly sampler: BinarySampler;
  readonly found: NestedBinary[];
  entriesLeft: number;
  bytesLeft: number;
  /** Looks into an archive in the archive, unless that is one itself. */
  readonly inner: ((bytes: Buffer, path: string) => Promise<void>) | undefined;
}

/** Java's, Python's, Node's and .NET's packages among them. */
const ZIP = /\.(?:jar|war|ear|aar|hpi|jpi|whl|egg|zip|nupkg)$/i;
const TAR = /\.(?:tar|tgz|tar\.(?:gz|xz|bz2|zst)|txz|tbz2?|crate|gem)$/i;

export const isZipName = (path: string): boolean => ZIP.test(path);
export const isArchiveName = (path: string): boolean => ZIP.test(path) || TAR.test(path);

/** Whether there is nothing left to look with. */
export const isSpent = (search: NestedSearch): boolean => search.entriesLeft <= 0 || search.bytesLeft <= 0 || search.found.length >= NESTED_LIMITS.found;
