import type { RunConfig } from "./config.ts";

/** What is in an image. The document of `multihull inspect --json`. */
export interface ImageReport {
  readonly version: 1;
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platforms: readonly PlatformReport[];
  /** Entries of the index that are no platform's image: attestations and the like. */
  readonly others: readonly { readonly digest: string; readonly mediaType: string; readonly size: number; readonly type: string }[];
}

/** One platform's image. */
export interface PlatformReport {
  readonly platform: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly configDigest: string;
  /** Bytes of all layers, as packed. */
  readonly size: number;
  readonly created?: string;
  readonly config: RunConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly layers: readonly LayerReport[];
  /** With `files`: the final file system. */
  readonly files?: readonly FileReport[];
}

/** A layer, as packed. */
export interface LayerReport {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  /** What made it, from history; absent when history does not fit the layers. */
  readonly createdBy?: string;
  /** True when another platform of the image has it too. */
  readonly shared: boolean;
}

/** A file of the final file system. */
export interface FileReport {
  readonly path: string;
  readonly type: string;
  /** Octal. */
  readonly mode: string;
  readonly owner: string;
  readonly size: number;
  readonly link?: string;
}
