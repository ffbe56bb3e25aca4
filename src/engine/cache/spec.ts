import type { Digest } from "../../core/digest.ts";
import type { Reference } from "../../core/reference.ts";

/** A place that --cache-from names. `shown`: the value as the user gave it, for messages. */
export type CacheFrom =
  | { readonly type: "registry"; readonly shown: string; readonly ref: Reference; readonly insecure: boolean }
  | { readonly type: "local"; readonly shown: string; readonly src: string; readonly tag: string; readonly digest?: Digest };

/** A place that --cache-to names. */
export type CacheTo = InlineCacheTo | RegistryCacheTo | LocalCacheTo;

/** In the images' own configs: what the engine puts there (`BuildOptions.inlineCache`). */
export interface InlineCacheTo {
  readonly type: "inline";
  readonly shown: string;
}

interface CachePlace {
  readonly shown: string;
  /** `max`: all steps, not only those of the images that were asked for. */
  readonly mode: "min" | "max";
  /** False: Docker's. */
  readonly ociMediaTypes: boolean;
  /** A cache that cannot be written does not fail the build. */
  readonly ignoreError: boolean;
}

export interface RegistryCacheTo extends CachePlace {
  readonly type: "registry";
  readonly ref: Reference;
  readonly insecure: boolean;
}

/** A folder that is an OCI layout. */
export interface LocalCacheTo extends CachePlace {
  readonly type: "local";
  readonly dest: string;
  readonly tag: string;
}

/** What values of --cache-from or --cache-to ask for, and what of them has no effect. */
export interface CacheSpecs<T> {
  readonly specs: readonly T[];
  readonly warnings: readonly string[];
}
