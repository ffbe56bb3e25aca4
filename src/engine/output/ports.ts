import type { Clock } from "../../core/clock.ts";
import type { Reference } from "../../core/reference.ts";
import type { BlobReader, ByteStream } from "../../image/blob-store.ts";
import type { LayerEntry } from "../../image/entry.ts";
import type { Folder } from "../../image/layout.ts";
import type { Document, Index, Manifest } from "../../image/manifest.ts";
import type { RegistryClient } from "../../registry/client/client.ts";
import type { EventSink } from "../event.ts";
import type { Records } from "../records.ts";

/** Files and folders that the user named for an output. */
export interface OutputFiles {
  /**
   * Writes a whole file: it appears under its name when all of it is there, and not at all when `content` throws. `-` is stdout.
   * @throws {ProblemError} `file-unwritable` | `disk-full` | `output-conflict` (stdout is a terminal, or the path is a folder)
   */
  write(path: string, content: ByteStream): Promise<void>;
  /**
   * The folder of an OCI layout, made where it does not exist, for this process alone while `use` runs: two builds do not lose each other's images.
   * @throws {ProblemError} `file-unwritable` | `output-conflict` (the path is a file)
   */
  layout(path: string, use: (folder: Folder) => Promise<void>): Promise<void>;
  /** A folder that files are put into, made where it does not exist; nothing is ever written through a symlink inside it. */
  folder(path: string): Promise<FolderWriter>;
}

/** Puts entries into a folder. The owner of everything is whoever runs, as with BuildKit's local exporter. */
export interface FolderWriter {
  /**
   * Puts a folder, symlink, or a hard link to an entry put before; parents come before children. What is in the way is replaced,
   * but for a folder that holds something.
   * @throws {ProblemError} `output-conflict` | `file-unwritable` | `disk-full`
   */
  put(entry: LayerEntry): void;
  /** A file: it appears at `end`. Not ended, it leaves nothing. */
  file(entry: LayerEntry): { write(chunk: Uint8Array): void; end(): void; abort(): void };
  /** Sets the modes and times of the folders, which must come last. */
  close(): void;
}

/** The machine's Docker daemon, by way of the `docker` program. */
export interface DockerDaemon {
  /**
   * True when its image store (containerd's) takes OCI archives of several platforms.
   * @throws {ProblemError} `docker-unavailable`
   */
  takesIndexes(context: string | undefined, signal?: AbortSignal): Promise<boolean>;
  /** @throws {ProblemError} `docker-unavailable` | `output-conflict` (the daemon refused the archive) */
  load(archive: ByteStream, context: string | undefined, signal?: AbortSignal): Promise<void>;
}

/** Where `type=image` leaves its names: the embedded registry's tags. */
export interface ImageNames {
  record(name: Reference, root: Document<Index> | Document<Manifest>, blobs: BlobReader): Promise<void>;
}

export interface ExportPorts {
  readonly registry: RegistryClient;
  readonly files: OutputFiles;
  readonly docker: DockerDaemon;
  readonly names: ImageNames;
  /** Remembers what is in layers, as the engine does: outputs of files then read each layer once. */
  readonly records?: Records;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}
