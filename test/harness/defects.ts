import type { VerifyOptions } from "../../src/api/verify.ts";
import type { Severity } from "../../src/findings/finding.ts";
import type { MadeImage } from "./made-image-spec.ts";

/** Found in each platform's image: each is told of by itself. */
export const EVERY = "every platform";

/** What is to be found of a defect: this rule, once. */
export interface Found {
  readonly rule: string;
  readonly severity: Exclude<Severity, "info">;
  /** {@link EVERY}, or one; absent: the image as a whole, or a document of it. */
  readonly platform?: string;
}

/** A mistake that somebody makes, in a user's words. */
interface Planted {
  readonly name: string;
  readonly found: Found;
  /** Rules that say something of it, too, and why that is no second telling. */
  readonly also?: Readonly<Record<string, string>>;
  /** Words that the message must have. */
  readonly says?: RegExp;
}

/** A mistake in a Dockerfile or in what it copies, built by our own builder. */
export interface BuiltDefect extends Planted {
  /** Lines of the clean Dockerfile (defects-context.ts) with what stands in their place: undefined takes one away. A line that is none of its own stands before ENTRYPOINT. */
  readonly lines: Readonly<Record<string, string>>;
  readonly platforms?: readonly string[];
  readonly options?: VerifyOptions;
}

/** A mistake in documents or bytes, written by hand. */
export interface WrittenDefect extends Planted {
  /** What the image is instead. */
  readonly image: MadeImage;
}

/** An image with nothing wrong in it, though it looks unusual. */
export interface CleanVariant {
  readonly name: string;
  readonly image: MadeImage;
}

export const error = (rule: string, platform?: string): Found => ({ rule, severity: "error", ...(platform === undefined ? {} : { platform }) });
export const warning = (rule: string, platform?: string): Found => ({ rule, severity: "warning", ...(platform === undefined ? {} : { platform }) });
