import {
  type ArchitectureFacts,
  armArchitecture,
  armProfileHasSystem,
  elfArchitecture,
  elfMachineName,
  hasSystem,
  isOrderWorthTelling,
  machoArchitecture,
  osAbiSystems,
  peArchitecture,
} from "../../facts/binaries.ts";
import type { Binary, Elf } from "./binary.ts";
import { ELF_TYPE } from "./elf-header.ts";

/**
 * What a binary is for. `program` is an executable or position-independent one, `library` a shared object; `object` is what is linked or read but never started (an object file, a
 * kernel's module, split debug information), `core` a memory dump; `device` is code for a processor that no operating system of our platforms runs on (BPF, GPU, microcontroller), or
 * that nobody knows: it belongs to no platform. `managed` is an assembly of .NET (a PE file that Linux images hold too).
 */
export type BinaryKind = "program" | "library" | "object" | "core" | "device" | "managed";

/** DF_1_PIE. */
const PIE = 0x8000000;
/** MH_OBJECT, MH_CORE, MH_DYLIB, MH_DYLINKER, MH_BUNDLE, MH_DSYM. */
const MACHO_KIND: Readonly<Record<number, BinaryKind>> = { 1: "object", 4: "core", 6: "library", 7: "library", 8: "library", 10: "object" };

export function kindOf(binary: Binary): BinaryKind {
  if (binary.format === "pe") return binary.managed ? "managed" : binary.dll ? "library" : "program";
  if (binary.format === "macho") return MACHO_KIND[binary.type ?? 0] ?? "program";
  if (!hasSystem(binary.machine) || isArmDevice(binary)) return "device";
  switch (binary.type) {
    case ELF_TYPE.exec:
      return "program";
    case ELF_TYPE.dyn:
      return kindOfDynamic(binary);
    case ELF_TYPE.core:
      return "core";
    default:
      return "object";
  }
}

function kindOfDynamic({ dynamic, interpreter, damage }: Elf): BinaryKind {
  // No loader takes it as a library; what is cut off may be just that.
  if (dynamic === undefined && interpreter === undefined) return damage === undefined ? "object" : "library";
  if (((dynamic?.flags1 ?? 0) & PIE) !== 0) return "program";
  // The C library and some others can be started too, and say so by an interpreter.
  return interpreter !== undefined && dynamic?.soname === undefined ? "program" : "library";
}

const isArmDevice = ({ arm }: Elf): boolean =>
  arm !== undefined &&
  ((arm.profile !== undefined && !armProfileHasSystem(arm.profile)) || (arm.cpuArch !== undefined && armArchitecture(arm.cpuArch)?.hasSystem === false));

/** What it is for, in the binary's order; those that are not known are left out. */
export function architecturesIn(binary: Binary): readonly ArchitectureFacts[] {
  switch (binary.format) {
    case "elf":
      return [elfArchitecture(binary.machine, binary.bits, binary.order)].filter((one) => one !== undefined);
    case "pe":
      return [peArchitecture(binary.machine)].filter((one) => one !== undefined);
    case "macho":
      return binary.cpus.map(machoArchitecture).filter((one) => one !== undefined);
  }
}

/** The system that loads it by itself, as GOOS. An ELF file that leaves it open is taken for Linux'. */
export function osOf(binary: Binary): string {
  if (binary.format === "elf") return osAbiSystems(binary.osAbi)[0] ?? "linux";
  return binary.format === "pe" ? "windows" : "darwin";
}

/** `ppc64le (PowerPC, 64-bit, little-endian)`; the order is told where the processor is used in both. */
export const architectureWords = (facts: ArchitectureFacts): string =>
  `${facts.goarch} (${facts.name}, ${facts.bits}-bit${isOrderWorthTelling(facts) ? `, ${facts.order}-endian` : ""})`;

const KIND_WORDS: Readonly<Record<BinaryKind, string>> = {
  program: "program",
  library: "library",
  object: "object",
  core: "memory dump",
  device: "device code",
  managed: ".NET assembly",
};

/** One line for people: `ELF 64-bit little-endian, x86-64, dynamic program for /lib64/ld-linux-x86-64.so.2`. */
export function describeBinary(binary: Binary): string {
  const kind = kindOf(binary);
  const names = architecturesIn(binary).map(({ name }) => name);
  if (binary.format !== "elf") {
    const unknown = binary.format === "pe" ? `machine 0x${binary.machine.toString(16)}` : "unknown machine";
    const machines = names.length === 0 ? unknown : names.join(" and ");
    return `${binary.format === "pe" ? "PE (Windows)" : "Mach-O (macOS)"}, ${machines}, ${KIND_WORDS[kind]}`;
  }
  const machine = names[0] ?? elfMachineName(binary.machine) ?? `machine ${binary.machine}`;
  const linked = kind !== "program" ? "" : binary.interpreter === undefined ? "static " : "dynamic ";
  const loader = kind === "program" && binary.interpreter !== undefined ? ` for ${binary.interpreter}` : "";
  return `ELF ${binary.bits}-bit ${binary.order}-endian, ${machine}, ${linked}${KIND_WORDS[kind]}${loader}`;
}
