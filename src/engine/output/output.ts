import type { Reference } from "../../core/reference.ts";
import type { Annotation, LayerOptions } from "../engine.ts";

/** What every output that holds an image can be told. */
export interface ImageAttributes {
  /** Names with their tag (`latest` where none was given), in the order given; empty when the image has none. */
  readonly names: readonly Reference[];
  /** Only what was said. */
  readonly layers: Partial<LayerOptions>;
  /** Absent: the exporter's default (OCI). */
  readonly ociMediaTypes?: boolean;
  readonly annotations: readonly Annotation[];
  /** Layer times later than SOURCE_DATE_EPOCH are set to it; ours always does, so that this only documents the wish. */
  readonly rewriteTimestamp: boolean;
}

/** `type=image` (kept in the store, under its names) and `type=registry` (`push` is true). */
export interface ImageOutput extends ImageAttributes {
  readonly type: "image";
  readonly push: boolean;
  /** Only by digest: no tag is written, and the names' tags are not used. */
  readonly pushByDigest: boolean;
  /** Also keep it under `REPOSITORY@DIGEST`. */
  readonly nameCanonical: boolean;
  /** The registry may be reached by http or with a certificate nobody vouches for. */
  readonly insecure: boolean;
}

/** An OCI layout, as one archive or (`tar` false) as a folder. */
export interface OciOutput extends ImageAttributes {
  readonly type: "oci";
  /** A path, or `-` for stdout. */
  readonly dest: string;
  readonly tar: boolean;
}

/** What `docker load` reads. */
export interface DockerOutput extends ImageAttributes {
  readonly type: "docker";
  /** A path, or `-` for stdout; absent: loaded into the Docker daemon. */
  readonly dest?: string;
  readonly tar: boolean;
  /** Docker context whose daemon loads it; absent: the current one. */
  readonly context?: string;
}

/** The final files, in a folder. */
export interface LocalOutput {
  readonly type: "local";
  readonly dest: string;
  /** Absent: a subfolder for each platform when there are several. */
  readonly platformSplit?: boolean;
}

/** The final files, as one archive. */
export interface TarOutput {
  readonly type: "tar";
  /** A path, or `-` for stdout. */
  readonly dest: string;
  readonly platformSplit?: boolean;
}

/** Nothing is exported: the build only fills the store. */
export interface CacheOnlyOutput {
  readonly type: "cacheonly";
}

export type Output = ImageOutput | OciOutput | DockerOutput | LocalOutput | TarOutput | CacheOnlyOutput;

/** Holds an image, not only its files. */
export const holdsImage = (output: Output): output is ImageOutput | OciOutput | DockerOutput =>
  output.type === "image" || output.type === "oci" || output.type === "docker";

/** Hosts that an output says may be pushed to over http or without a trusted certificate; the registry client must be told. */
export const insecureRegistries = (outputs: readonly Output[]): readonly string[] => [
  ...new Set(outputs.flatMap((output) => (output.type === "image" && output.push && output.insecure ? output.names.map((name) => name.registry) : []))),
];
