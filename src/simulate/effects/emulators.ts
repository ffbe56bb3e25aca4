import type { Emulators } from "../environment.ts";
import type { Effect } from "./effect.ts";

/** Emulators that are registered in the kernel stay for the rest of the job. */
export const installEmulators: Effect<"install-emulators"> = ({ architectures, place, fixed }, environment, { sure }) => {
  const { fixed: _, ...emulators } = environment.emulators;
  const fact = { sentence: "emulators are installed", place };
  if (!sure || architectures === undefined) return { ...environment, emulators: { ...emulators, open: true, fact } };
  const all: Emulators["architectures"] =
    architectures === "all" || emulators.architectures === "all" ? "all" : new Set([...emulators.architectures, ...architectures.map(platformWord)]);
  return { ...environment, emulators: { ...emulators, architectures: all, fact, ...(fixed === false ? { fixed } : {}) } };
};

/** Of `linux/arm64`, `arm/v7`, `aarch64` and `qemu-aarch64`, the architecture as platforms name it. */
function platformWord(word: string): string {
  const bare = word
    .trim()
    .toLowerCase()
    .replace(/^linux\//, "")
    .replace(/\/.*$/, "")
    .replace(/^qemu-/, "");
  return NAMES[bare] ?? bare;
}

const NAMES: Readonly<Record<string, string>> = { aarch64: "arm64", i386: "386", x86_64: "amd64", mips64el: "mips64le", loongarch64: "loong64", armhf: "arm" };
