import type { Platform } from "../core/platform.ts";

/** What registries told of images, by full name with tag or digest (`docker.io/library/debian:13`). Empty where nobody was asked. */
export type BaseImages = ReadonlyMap<string, BaseImage>;

export type BaseImage = BaseIndex | BaseManifest;

/** One name for the images of several platforms. */
export interface BaseIndex {
  readonly kind: "index";
  readonly digest: string;
  /** Of its entries that say what they are for; those of attestations left out. */
  readonly platforms: readonly Platform[];
  /** An entry does not say what it is for: it may have others. */
  readonly open: boolean;
  /** False when a workflow of the repository may make it anew before it is used. */
  readonly sure: boolean;
}

/** The image of one platform: no index stands before it. */
export interface BaseManifest {
  readonly kind: "image";
  /** What its config says. */
  readonly platform: Platform;
  readonly sure: boolean;
  /** What the tag beside the digest names now, where that is an index. */
  readonly tagged: TaggedIndex | undefined;
}

export interface TaggedIndex {
  readonly digest: string;
  /** The manifest of the digest is among its entries. */
  readonly holdsIt: boolean;
}

export const NO_BASE_IMAGES: BaseImages = new Map();
