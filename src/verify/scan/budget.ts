import { ProblemError } from "../../core/problem.ts";

/** Most of an image that is kept in memory, all its layers together; more is refused. Far above any image that is published. */
export interface ScanLimits {
  readonly entries: number;
  /** Characters of names and link targets, and bytes of extended attributes. */
  readonly names: number;
  /** Binaries, those in archives among them. */
  readonly binaries: number;
  /** Characters of what binaries tell: libraries, versions, paths. */
  readonly binaryText: number;
  /** Characters of all `#!` lines. */
  readonly scriptText: number;
  /** Bytes of all files that rules read. */
  readonly texts: number;
}

export const SCAN_LIMITS: ScanLimits = {
  // Large images have some 500,000 files for each platform. An entry takes 200 bytes.
  entries: 4_000_000,
  names: 512 * 1024 * 1024,
  // A distribution with everything has some 50,000 for each platform.
  binaries: 500_000,
  binaryText: 128 * 1024 * 1024,
  scriptText: 32 * 1024 * 1024,
  texts: 256 * 1024 * 1024,
};

/** Where a thousand layers, each of them just within what one layer may grow to, end. */
const UNPACKED_FREE_BYTES = 8 * 1024 ** 3;
const UNPACKED_RATIO = 250;

/** What layers may take of memory and time, all of an image together. */
export interface ScanBudget {
  /** One more layer. */
  layer(): LayerBudget;
}

/** One layer's part of a budget. */
export interface LayerBudget {
  /** @throws {ProblemError} `limit-exceeded` */
  take(what: keyof ScanLimits, amount: number): void;
  packed(bytes: number): void;
  /** @throws {ProblemError} `limit-exceeded` */
  unpacked(bytes: number): void;
  /** Nothing of the layer is kept. */
  giveBack(): void;
}

export function scanBudget(limits?: Partial<ScanLimits>): ScanBudget {
  const limit = { ...SCAN_LIMITS, ...limits };
  const taken = nothing();
  let packed = 0;
  let unpacked = 0;
  return {
    layer() {
      const own = nothing();
      return {
        take(what, amount) {
          taken[what] += amount;
          own[what] += amount;
          if (taken[what] > limit[what]) {
            throw new ProblemError("limit-exceeded", { message: `${TOO_MUCH[what]} ${limit[what]}`, facts: { limit: limit[what] } });
          }
        },
        packed(bytes) {
          packed += bytes;
        },
        unpacked(bytes) {
          unpacked += bytes;
          if (unpacked <= UNPACKED_FREE_BYTES || unpacked <= packed * UNPACKED_RATIO) return;
          throw new ProblemError("limit-exceeded", {
            message: `the layers of an image grow more than ${UNPACKED_RATIO}-fold together: ${packed} bytes became ${unpacked} and more`,
            facts: { limit: UNPACKED_RATIO },
          });
        },
        giveBack() {
          for (const what of WHAT) {
            taken[what] -= own[what];
            own[what] = 0;
          }
        },
      };
    },
  };
}

const TOO_MUCH: Readonly<Record<keyof ScanLimits, string>> = {
  entries: "the layers of an image have more entries than",
  names: "the names and attributes in an image's layers are longer than",
  binaries: "an image holds more binaries than",
  binaryText: "the names in an image's binaries have more characters than",
  scriptText: "the first lines of an image's scripts have more characters than",
  texts: "the files of an image that describe its packages and libraries have more bytes than",
};

const WHAT = Object.keys(TOO_MUCH) as readonly (keyof ScanLimits)[];
const nothing = (): Record<keyof ScanLimits, number> => ({ entries: 0, names: 0, binaries: 0, binaryText: 0, scriptText: 0, texts: 0 });
