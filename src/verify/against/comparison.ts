/** Paths that a comparison lists for each platform; more are only counted. */
export const LISTED_DIFFERENCES = 1000;

/** What differs between an image (`this`) and another (`that`). */
export interface Comparison {
  /** The other's name, and its root's digest. */
  readonly name: string;
  readonly digest: string;
  /** True: any difference is an error. */
  readonly mustBeEqual: boolean;
  /** The bytes of index and manifests are the same: then nothing else was looked at. */
  readonly identical: boolean;
  /** Every platform of either, in this image's order, then the other's. */
  readonly platforms: readonly PlatformComparison[];
}

/** What differs for one platform. */
export interface PlatformComparison {
  readonly platform: string;
  readonly presence: "both" | "only-this" | "only-that";
  /** Manifests have one digest. */
  readonly identical: boolean;
  /** Config by field, sorted: `config.Env`, `created`, `history`; values as JSON texts, undefined where absent. */
  readonly config: readonly { readonly field: string; readonly this: string | undefined; readonly that: string | undefined }[];
  /** By digest. `repacked`: of those that are only here, how many unpack to what a layer that is only there unpacks to. */
  readonly layers: { readonly shared: number; readonly onlyThis: number; readonly onlyThat: number; readonly repacked: number };
  /** Files of the final file systems; undefined when one of the two could not be made, or when a platform is in one image only. */
  readonly files: FilesComparison | undefined;
}

/** How many files differ, and the first of them. A path that changes in nothing but its time stamp is not `changed`. */
export interface FilesComparison {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Paths of which nothing but the time stamp differs. */
  readonly timesOnly: number;
  /** Files of one size whose contents are not known on both sides, so that they may differ. */
  readonly uncompared: number;
  /** In the order of a walk (a folder, what is in it, the next one); at most {@link LISTED_DIFFERENCES}, those of times only where room is left. */
  readonly list: readonly FileDifference[];
}

/** A path at which the final file systems differ. */
export interface FileDifference {
  /** Absolute. */
  readonly path: string;
  /** `added`: only in `this`; `removed`: only in `that`. */
  readonly change: "added" | "removed" | "changed";
  /** Of a changed one: `content`, `size`, `mode`, `owner`, `type`, `link`, `device`, `xattrs`, `mtime`. */
  readonly what: readonly string[];
}
