import type { Confidence, Severity } from "../findings/finding.ts";

/** Something wrong with an image, told once for each cause. */
export interface ImageFinding {
  /** Of a folder of `verify/rules/`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** One sentence, lower-case, no full stop, text of the image in double quotes. */
  readonly message: string;
  readonly at: ImagePlace;
  /** What leads there, in the order in which one follows from the other: a sentence each. */
  readonly facts: readonly string[];
  /** The clause of a specification that is broken; undefined where none is. */
  readonly clause: Clause | undefined;
  /** Why it matters, for someone who does not know. */
  readonly cause: string;
  /** Acts, the best first. */
  readonly remedies: readonly string[];
}

/** Where in an image. All may be absent: the image as a whole. */
export interface ImagePlace {
  /** {@link PlatformImage.name}. */
  readonly platform?: string | undefined;
  /** A document or blob, as a way from the top: `manifests[1] config`. */
  readonly document?: string | undefined;
  readonly layer?: LayerPlace | undefined;
  /** Absolute paths in the platform's file system: the first ones, in order. */
  readonly paths?: readonly string[] | undefined;
  /** How many paths there are in all, where these are not all. */
  readonly pathCount?: number | undefined;
}

/** A layer of a platform, as people know it. */
export interface LayerPlace {
  /** From 1, lowest first. */
  readonly number: number;
  readonly digest: string;
  /** The line of history that made it; undefined where history does not fit the layers. */
  readonly createdBy: string | undefined;
}

/** A row of `data/clauses.json`. */
export interface Clause {
  /** `OCI image-spec v1.1.1, config.md, "Properties"`. */
  readonly name: string;
  readonly url: string;
}
