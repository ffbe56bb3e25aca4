import type { Digest } from "../../../../core/digest.ts";
import { MACHINES } from "../binfmt-table.ts";

/** A static QEMU for one architecture. */
export interface Emulator {
  /** Go's name: `arm64`. */
  readonly architecture: string;
  /** Absolute path. */
  readonly path: string;
  /** Changes when the file does. */
  readonly stamp: string;
  /** Where it comes from, for messages: `PATH`, or what --emulator said. */
  readonly source: string;
  /** Of what is kept in the store. */
  readonly digest?: Digest;
}

/**
 * The architecture that a program of this name emulates; undefined for names that QEMU's packages and images do not give.
 * @returns also how well it suits: QEMU as it is (0) before BuildKit's own (1), which starts its children in another way
 */
export function emulatedBy(name: string): { readonly architecture: string; readonly rank: number } | undefined {
  const [, own, word] = /^(buildkit-)?qemu-([a-z0-9_]+?)(?:-static)?$/.exec(name) ?? [];
  const architecture = Object.keys(MACHINES).find((one) => MACHINES[one]?.qemu === word);
  return architecture === undefined ? undefined : { architecture, rank: own === undefined ? 0 : 1 };
}

/** One an architecture: the first. */
export function firstOfEach<T extends { readonly architecture: string }>(all: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return all.filter(({ architecture }) => !seen.has(architecture) && seen.add(architecture));
}
