import { nodeWorld, type World } from "../adapters/node/world.ts";
import type { Severity } from "../findings/finding.ts";
import type { VerifyReport } from "../verify/report.ts";
import type { SessionOptions } from "./session.ts";

export type { Comparison, FileDifference, PlatformComparison } from "../verify/against/comparison.ts";
export type { Clause, ImageFinding, ImagePlace, LayerPlace } from "../verify/finding.ts";
export type { VerifiedPlatform, VerifyReport } from "../verify/report.ts";
export type { SmokeResult } from "../verify/smoke.ts";

/** How an image is looked at. */
export interface VerifyOptions extends SessionOptions {
  /** Lists of platforms, each separated by commas: these and no others the image is to have. Default: what the repository around `repository` publishes it for. */
  readonly platforms?: readonly string[] | undefined;
  /** A folder in a repository; default: where you stand. */
  readonly repository?: string | undefined;
  /** Name of another image, with which this one is compared. */
  readonly against?: string | undefined;
  /** With `against`: any difference is an error. */
  readonly equal?: boolean | undefined;
  /** Starts each platform's own command (true), or these words. */
  readonly smoke?: boolean | string | undefined;
  /** Milliseconds that each start may take. Default 10,000. */
  readonly smokeTimeoutMs?: number | undefined;
  /** Where QEMU is, for foreign platforms; as `BuildRequest.emulators`. */
  readonly emulators?: readonly string[] | undefined;
  /** Looks into jars, wheels and other archives among the files. */
  readonly archives?: boolean | undefined;
  /** Ids of rules that are not asked. */
  readonly ignore?: readonly string[] | undefined;
  /** The lowest severity that makes the report a failed one. Default `error`. */
  readonly failOn?: Severity | undefined;
  /** Reads layers that were looked at before, too. */
  readonly noCache?: boolean | undefined;
  /** Told as layers are read. */
  readonly progress?: ((seen: VerifyProgress) => void) | undefined;
  /** Told of what takes long: that an emulator is fetched. */
  readonly note?: ((message: string) => void) | undefined;
}

/** How far the reading of layers is. */
export interface VerifyProgress {
  /** Distinct layers: those of which reading has begun, and those that are through. */
  readonly begun: number;
  readonly done: number;
  /** Packed bytes read. */
  readonly bytes: number;
}

/**
 * Proves what is inside every platform of an image, without running it (but for `smoke`). What is wrong with the image is told as findings; nothing of it is thrown.
 * @param name  as `inspect` takes it
 * @throws {ProblemError} `usage` | `reference-malformed` | `file-unreadable` | `registry-*` | `store-unusable` | `interrupted`
 */
export async function verify(name: string, options: VerifyOptions = {}, world: World = nodeWorld()): Promise<VerifyReport> {
  // Rules and readers of binaries: only who asks for them loads them.
  const { verifyImage } = await import("./verify-image.ts");
  return await verifyImage(name, options, world);
}
