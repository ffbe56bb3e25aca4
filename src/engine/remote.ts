import type { Digest } from "../core/digest.ts";
import type { GitSource } from "../core/git-address.ts";
import type { ByteStream } from "../image/blob-store.ts";
import type { BuildContext } from "./context.ts";

/** What ADD asks of an http(s) address. */
export interface FileRequest {
  readonly url: string;
  readonly checksum?: Digest;
}

/** A file that was brought whole and checked, kept until it is closed. */
export interface FetchedFile {
  /** Bytes. */
  readonly size: number;
  /** sha256 of the content. */
  readonly digest: Digest;
  /** Seconds since 1970, from `Last-Modified`; absent when the server did not say. */
  readonly mtime?: number;
  /** Content; may be opened several times. */
  open(): ByteStream;
  /** Removes it. */
  close(): Promise<void>;
}

/** Brings what ADD names by address. Declared here (the engine needs it), implemented by an adapter. */
export interface RemoteFetcher {
  /** @throws {ProblemError} `download-failed` | `checksum-mismatch` | `limit-exceeded` | `disk-full` */
  file(request: FileRequest, signal?: AbortSignal): Promise<FetchedFile>;
  /**
   * A checkout as a tree of files; the caller closes it.
   * @throws {ProblemError} `git-unavailable` | `git-failed` | `checksum-mismatch` | `path-escapes`
   */
  git(request: GitSource, signal?: AbortSignal): Promise<BuildContext>;
}
