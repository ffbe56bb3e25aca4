import type { Digest } from "../core/digest.ts";
import type { Platform } from "../core/platform.ts";
import type { ProblemError } from "../core/problem.ts";
import type { ImageConfig } from "../image/config.ts";
import type { Descriptor } from "../image/descriptor.ts";
import type { Fields } from "../image/json.ts";
import type { Index, Manifest } from "../image/manifest.ts";
import type { Tree } from "../image/tree.ts";
import type { Comparison } from "./against/comparison.ts";
import type { LayerContents } from "./scan/contents.ts";
import type { SmokeResult } from "./smoke.ts";

/** An image as far as it could be read: what rules look at. Nothing in it was refused; what could not be read is there as its problem. */
export interface Subject {
  /** As the user named it. */
  readonly name: string;
  readonly root: ReadDocument;
  /** Every index and manifest, in the order in which they are met, the root first; each place of a shared one is told. */
  readonly documents: readonly ReadDocument[];
  /** Images of platforms, in the index's order. One manifest without an index is one. */
  readonly images: readonly PlatformImage[];
  readonly attestations: readonly Attestation[];
  readonly wanted: WantedPlatforms | undefined;
  /** With `--against`. */
  readonly against: Comparison | undefined;
  /** With `--smoke`. */
  readonly smoke: readonly SmokeResult[] | undefined;
}

/** The platforms that the image is to have: these and no others. */
export interface WantedPlatforms {
  readonly platforms: readonly Platform[];
  /** Who says so: `--platform`, `.github/workflows/release.yaml:43`. */
  readonly by: string;
  /** The image has no name, and is only supposed to be the one that is meant. */
  readonly supposed?: true;
}

/** A document or blob that something in the image points to. */
export interface Pointed {
  /** Way from the top: empty for the root, `manifests[1]`, `manifests[1] config`. */
  readonly where: string;
  /** As its parent tells it; the root's own is measured. */
  readonly descriptor: Descriptor;
  /** Why it could not be read, or is not what its descriptor says: `digest-mismatch`, `size-mismatch`, `manifest-invalid`, `limit-exceeded`, absence. */
  readonly problem: ProblemError | undefined;
}

/** An index or manifest. */
export interface ReadDocument extends Pointed {
  /** As it came; undefined when it could not be read at all. */
  readonly bytes: Uint8Array | undefined;
  /** The JSON object, unchecked; undefined when it is none. */
  readonly fields: Fields | undefined;
  readonly kind: "index" | "manifest" | "unknown";
  /** Our reading, undefined when it is not sound enough to go on. */
  readonly index: Index | undefined;
  readonly manifest: Manifest | undefined;
  /** The document that names it. */
  readonly parent: ReadDocument | undefined;
}

/** A config. Where its manifest could not be read, it has that one's descriptor and problem. */
export interface ReadConfig extends Pointed {
  readonly fields: Fields | undefined;
  readonly value: ImageConfig | undefined;
}

/** One platform's image. */
export interface PlatformImage {
  /** Told apart from all others of the image: `linux/arm64`; with its digest's beginning where two have one platform. */
  readonly name: string;
  /** As the index says, else the config. */
  readonly platform: Platform;
  /** The index's entry, also a layout's that tells a platform; undefined for a manifest without an index. */
  readonly entry: Descriptor | undefined;
  readonly manifest: ReadDocument;
  readonly config: ReadConfig;
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  /** The final file system; undefined when a layer could not be read, so that nothing of it is certain. A node's `source` is the layer that told of it. */
  readonly files: Tree<ImageLayer> | undefined;
  /** Why layers, each by itself sound, do not make a file system; undefined: they do. */
  readonly filesProblem: ProblemError | undefined;
}

/** Platforms whose layers are the same from the bottom up have one object for each of these: its `where` is then that of the first. */
export interface ImageLayer extends Pointed {
  /** From 1, lowest first. */
  readonly number: number;
  /** The config's `diff_id`; undefined when it tells fewer. */
  readonly diffId: Digest | undefined;
  /** The line of history; undefined where history does not fit the layers. */
  readonly createdBy: string | undefined;
  /** One object for a layer that platforms share; undefined when it has a problem, or is not read (`foreign`, and no archive). */
  readonly contents: LayerContents | undefined;
  /** It is to be had elsewhere (`urls`, non-distributable) and not here. */
  readonly foreign: boolean;
}

/** A manifest that says something of another: provenance, SBOM. */
export interface Attestation {
  readonly document: ReadDocument;
  /** The digest that it says it is about: `vnd.docker.reference.digest`; undefined when not told. */
  readonly of: string | undefined;
  /** Its config and its statements, but for what is larger than documents may be, which is not read. */
  readonly contents: readonly Pointed[];
}
