import type { RuleSummary } from "../findings/doctor-report.ts";
import type { Severity } from "../findings/finding.ts";
import type { Comparison } from "./against/comparison.ts";
import type { ImageFinding } from "./finding.ts";
import type { SmokeResult } from "./smoke.ts";

/** What `verify` tells of an image. */
export interface VerifyReport {
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly platforms: readonly VerifiedPlatform[];
  /** Worst first; then as platforms and rules come. */
  readonly findings: readonly ImageFinding[];
  readonly wanted: { readonly platforms: readonly string[]; readonly by: string } | undefined;
  readonly against: Comparison | undefined;
  readonly smoke: readonly SmokeResult[] | undefined;
  /** What was not looked at, and why; sentences. */
  readonly notes: readonly string[];
  readonly failOn: Severity;
  /** A finding that is not only possible has that severity or a worse one. */
  readonly failed: boolean;
  /** Bytes of layers that were read, packed, and layers that were remembered from an earlier look. */
  readonly read: { readonly bytes: number; readonly layers: number; readonly remembered: number };
  /** Every rule that was asked, by id. */
  readonly rules: readonly RuleSummary[];
}

/** One platform in short: a row of the table. */
export interface VerifiedPlatform {
  readonly name: string;
  readonly digest: string;
  /** Bytes of all layers, packed. */
  readonly size: number;
  readonly layers: number;
  /** Of the final file system; undefined when it could not be made. */
  readonly files: number | undefined;
  /** Binaries among them, and how many of these fit the platform. */
  readonly binaries: { readonly total: number; readonly fitting: number } | undefined;
  /** What runs first, as it was resolved: `/bin/sh -c …: /bin/dash (ELF arm64)`; undefined when the config tells nothing. */
  readonly starts: string | undefined;
  /** The worst severity among its findings. */
  readonly worst: Severity | undefined;
}
