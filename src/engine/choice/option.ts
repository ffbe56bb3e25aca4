import type { Platform } from "../../core/platform.ts";

/** How a platform's programs would run: `emulated` by QEMU or the like. */
export type Way = "native" | "emulated" | "impossible";

/** One engine that may build, and what speaks against it. */
export interface EngineOption {
  readonly engine: "embedded" | "buildkit";
  /** The Buildx builder that would do it; absent for the embedded engine, and where none is known. */
  readonly builder?: { readonly name: string; readonly driver: string };
  /** Why it cannot: sentences without capital and full stop. Empty: it can, as far as is known. */
  readonly against: readonly string[];
  /** One for each platform whose programs would run, in the order of {@link BuildNeeds.programs}. Empty where nobody asked, or nobody knows. */
  readonly ways: readonly { readonly platform: Platform; readonly way: Way; readonly why?: string }[];
}

/** What decides between engines. */
export interface BuildNeeds {
  /** Platforms whose programs RUN steps start, each once. Empty: nothing but files is put together. */
  readonly programs: readonly Platform[];
}

/** Whether it can build everything. */
export const isAble = ({ against, ways }: EngineOption): boolean => against.length === 0 && ways.every(({ way }) => way !== "impossible");
