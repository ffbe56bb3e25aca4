import type { Confidence, Severity } from "../findings/finding.ts";
import type { Clause, ImagePlace } from "./finding.ts";
import type { PlatformImage, Subject } from "./subject.ts";

/** In the order of pages and reports. */
export const IMAGE_RULE_GROUPS = ["form", "completeness", "architecture", "parity", "against", "smoke"] as const;

export interface ImageRuleMeta {
  /** Names the bad pattern, so that "ignore NAME" reads right. The folder's name. */
  readonly id: string;
  /** One sentence, lower-case, no full stop. */
  readonly summary: string;
  /** Of its findings unless one says otherwise. */
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** What a {@link Subject} may be without, and this rule then has nothing to look at: it is not asked, and no report says that it found nothing. */
  readonly needs?: "wanted" | "against" | "smoke";
}

/** A check of an image. It answers at the narrowest level that it needs. */
export interface ImageRule {
  readonly meta: ImageRuleMeta;
  image?(subject: Subject, report: ImageReporter): void;
  /** Each platform's image. */
  platform?(image: PlatformImage, subject: Subject, report: ImageReporter): void;
}

/** Tells a finding. */
export type ImageReporter = (told: ImageTold) => void;

export interface ImageTold {
  readonly message: string;
  /** `platform` is filled in where the rule is asked of one. */
  readonly at?: ImagePlace;
  readonly cause: string;
  readonly facts?: readonly string[];
  readonly clause?: Clause | undefined;
  readonly remedies?: readonly string[];
  readonly severity?: Severity;
  readonly confidence?: Confidence;
}

export const defineImageRule = (rule: ImageRule): ImageRule => rule;
