import type { Digest } from "../core/digest.ts";
import type { GitSource } from "../core/git-address.ts";
import type { Platform } from "../core/platform.ts";
import type { Place } from "../core/span.ts";
import type { HistoryEntry, ImageConfig } from "../image/config.ts";
import type { Document, Manifest } from "../image/manifest.ts";

/**
 * What will be built, as data: a graph of vertices in which equal work is one vertex.
 *
 * A *source* vertex gives a file tree that exists already. A *layer* vertex makes one layer of an image. The file system
 * of a stage on a platform is a {@link FileSystem}: a source (or nothing) with layers on top. A layer vertex other than
 * `run` does not name the file system below it: what it makes depends on that only through what is found at its
 * destination (an existing folder, a symlink, passwd for a name), which the engine looks at. So the same COPY over the
 * amd64 and the arm64 base is one vertex and nearly always one layer.
 */
export interface BuildPlan {
  /** Every vertex that some image needs, each after those it needs. */
  readonly vertices: readonly Vertex[];
  /** One for each platform, in the order asked for. */
  readonly images: readonly ImagePlan[];
  /** SOURCE_DATE_EPOCH in seconds, when given: no time in the result is later. */
  readonly epoch?: number;
  /** Things worth saying that stop nothing (an unused ARG, a secret's name in an ARG). */
  readonly warnings: readonly string[];
}

/** Stable over runs and machines: the digest of the operation and of the ids of what it needs. */
export type VertexId = Digest;

/** A stage's files: `base` is a source vertex, absent for scratch; `layers` are layer vertices, lowest first. */
export interface FileSystem {
  readonly base?: VertexId;
  readonly layers: readonly VertexId[];
}

export interface ImagePlan {
  readonly platform: Platform;
  readonly files: FileSystem;
  /** Final config but for what only the engine knows: `created`, `rootfs`, the `created` of the new history. */
  readonly config: Omit<ImageConfig, "rootfs">;
  /** History of what this build adds, in order; `layer` is set where a vertex of `files.layers` stands behind the entry. */
  readonly history: readonly (HistoryEntry & { readonly layer?: VertexId })[];
  /** History that came with the base. */
  readonly baseHistory: readonly HistoryEntry[];
}

interface VertexBase {
  readonly id: VertexId;
  /** As progress shows it: `[linux/arm64 build 2/4] COPY . .`; without the platform when it serves all. */
  readonly name: string;
  /** Where in the Dockerfile; absent for what no line asks for by itself. */
  readonly place?: Place;
  /** Platforms whose image needs it, in the order asked for, as `formatPlatform` prints them. */
  readonly platforms: readonly string[];
  /** --no-cache or --no-cache-filter asks for it to be made anew. */
  readonly noCache?: true;
}

/** An image's files, from a registry or an OCI layout, already resolved to one manifest. */
export interface ImageVertex extends VertexBase {
  readonly kind: "image";
  /** `ResolvedImage.reference`: `docker.io/library/debian:12@sha256:…` or `oci-layout://FOLDER@sha256:…`. */
  readonly reference: string;
  readonly platform: Platform;
  readonly manifest: Document<Manifest>;
  readonly config: ImageConfig;
}

/** A build context: the main one (`name` absent) or a named one that is a folder, archive or git address. */
export interface ContextVertex extends VertexBase {
  readonly kind: "context";
  readonly contextName?: string;
}

/** One file brought by ADD from an http(s) address. */
export interface HttpVertex extends VertexBase {
  readonly kind: "http";
  readonly url: string;
  readonly checksum?: Digest;
}

/** A checkout brought by ADD from a git address. */
export interface GitVertex extends VertexBase, GitSource {
  readonly kind: "git";
}

/** Owner as --chown gives it: numbers, or names to look up in the destination's passwd and group. */
export interface Owner {
  readonly user: string;
  /** Number or name, never empty. Absent: the user's primary group when the user is a name, else the same number (BuildKit). */
  readonly group?: string;
}

/** COPY or ADD: one layer. */
export interface CopyVertex extends VertexBase {
  readonly kind: "copy";
  /** In order. Later sources win where they meet. */
  readonly sources: readonly CopySource[];
  /** Absolute and cleaned, but for a trailing `/` that says: a folder. WORKDIR is already joined. */
  readonly destination: string;
  readonly owner?: Owner;
  /** Octal (`"0755"`) or symbolic (`"u=rwX,go=rX"`) mode, checked for form. */
  readonly chmod?: string;
  /** --link: the layer does not look at what is below it. */
  readonly link: boolean;
  /** --parents. */
  readonly parents: boolean;
  /** --exclude patterns. */
  readonly exclude: readonly string[];
}

export type CopySource =
  /**
   * Paths or Go patterns inside a context, or a stage or image; `unpack` says whether an archive is opened (ADD).
   * Each is absolute and cleaned (`/` for all; `../x` has become `/x`, as in BuildKit). With `parents` each is `ROOT/./PATTERN`, to be parted at
   * the first `/./` (ROOT empty: the root): folders of PATTERN are kept in the destination, those of ROOT are not.
   */
  | {
      readonly from: VertexId | FileSystem;
      readonly paths: readonly string[];
      readonly unpack: boolean;
      /** For messages: `paths` as the Dockerfile has them, variables expanded. No part of the vertex's id. */
      readonly written?: readonly string[];
    }
  /** What an http or git vertex brought. A file is called `name` where the destination is a folder; of a checkout (`name` empty) the content is taken. */
  | { readonly remote: VertexId; readonly name: string; readonly unpack: boolean }
  /** A here-document: file `name` with this content, mode 0644. */
  | { readonly inline: string; readonly name: string };

/** WORKDIR: makes the folder where it does not exist. */
export interface WorkdirVertex extends VertexBase {
  readonly kind: "workdir";
  readonly path: string;
  /** Owner of the folders it makes: the USER in force, when there is one (BuildKit dispatchWorkdir, read 2026-11-22); absent: root. */
  readonly owner?: Owner;
  readonly link?: never;
}

/** RUN: what it makes depends on all that is below it and on the platform that executes. */
export interface RunVertex extends VertexBase {
  readonly kind: "run";
  readonly on: FileSystem;
  /** Platform whose programs run: the stage's. */
  readonly platform: Platform;
  /** Program and arguments; the shell is in front already. */
  readonly arguments: readonly string[];
  /** `NAME=value`: ENV and ARG of the stage, in order of definition; proxy arguments are not among them. */
  readonly environment: readonly string[];
  readonly workdir: string;
  /** As USER says; empty: root. */
  readonly user: string;
  readonly mounts: readonly RunMountPlan[];
  /** A script from a here-document that starts with `#!`: the file to lay at `path`, mode 0755, while the program runs. */
  readonly script?: { readonly path: string; readonly content: string };
  /** `default`, `none` or `host`. */
  readonly network?: string;
  /** `sandbox` or `insecure`. */
  readonly security?: string;
  readonly devices: readonly string[];
}

/** One --mount of RUN, values expanded. */
export interface RunMountPlan {
  readonly type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  /** Where a bind or a cache with `from` takes its files; absent: nothing (an empty folder). */
  readonly from?: VertexId | FileSystem;
  /** Option names as in the parsed `RunMount`. */
  readonly options: Readonly<Record<string, string>>;
}

export type SourceVertex = ImageVertex | ContextVertex | HttpVertex | GitVertex;
export type LayerVertex = CopyVertex | WorkdirVertex | RunVertex;
export type Vertex = SourceVertex | LayerVertex;
