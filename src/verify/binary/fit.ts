import type { Platform } from "../../core/platform.ts";
import { type ArchitectureFacts, alsoRuns, architectureFacts, elfMachineName, osAbiName, osAbiSystems, programFormat } from "../../facts/binaries.ts";
import type { Binary } from "./binary.ts";
import { abilityMisfits } from "./fit-abilities.ts";
import { architecturesIn, architectureWords, kindOf } from "./kind.ts";

export { describeBinary, kindOf, osOf } from "./kind.ts";

/** What of a binary does not fit a platform. `machine` is told alone: where the processor is another, nothing else matters. */
export type MisfitWhat = "format" | "machine" | "bits" | "byte-order" | "float-abi" | "arm-version" | "riscv-abi" | "ppc-abi" | "mips-abi" | "x86-level";

/** One way in which a binary does not fit. */
export interface Misfit {
  /** `arm-version` of a library is a hint only: the linker notes the newest code in it, and libraries such as libcrypto choose by processor when they run. */
  readonly what: MisfitWhat;
  /** Words for people, which fit behind "it is for" and "needs": `arm64 (AArch64, 64-bit)`, `ARMv7`. */
  readonly got: string;
  readonly wanted: string;
  /**
   * Natively, on machines of the platform: none runs it, some do (386 code in amd64, arm code in arm64, a level above the baseline), or all do, but it does not go together with
   * what is usual there (ARM soft-float code where programs are hard-float).
   */
  readonly runs: "never" | "some machines" | "all machines";
}

const RUNS = ["never", "some machines", "all machines"] as const;
const FORMAT_WORDS = { elf: "ELF", pe: "Windows (PE)", macho: "macOS (Mach-O)" } as const;
const OS_WORDS: Readonly<Record<string, string>> = {
  linux: "Linux (ELF)",
  windows: "Windows (PE)",
  darwin: "macOS (Mach-O)",
  ios: "iOS (Mach-O)",
  freebsd: "FreeBSD (ELF)",
};

/**
 * The worst that does not fit. Undefined when it fits, when it is `device`, `managed` or `core` ({@link kindOf}: no code for the platform's processor), and when nothing is known of
 * the platform or of the machine.
 */
export function misfitOf(binary: Binary, platform: Platform): Misfit | undefined {
  const wanted = architectureFacts(platform.architecture);
  const format = programFormat(platform.os);
  if (wanted === undefined || format === undefined || ["device", "managed", "core"].includes(kindOf(binary))) return undefined;
  if (binary.format !== format) return { what: "format", got: FORMAT_WORDS[binary.format], wanted: OS_WORDS[platform.os] ?? platform.os, runs: "never" };

  const other = machineMisfit(binary, platform, wanted);
  if (other !== undefined) return other;
  if (binary.format !== "elf") return undefined;
  const system = systemMisfit(binary.osAbi, platform);
  if (system !== undefined) return system;
  return abilityMisfits(binary, platform).toSorted((a, b) => RUNS.indexOf(a.runs) - RUNS.indexOf(b.runs))[0];
}

/** GOARCH's words of what it is for, several for a universal one: `["arm64"]`. Empty when it is for none of them. */
export const architecturesOf = (binary: Binary): readonly string[] => [...new Set(architecturesIn(binary).map(({ goarch }) => goarch))];

function machineMisfit(binary: Binary, platform: Platform, wanted: ArchitectureFacts): Misfit | undefined {
  const got = architecturesIn(binary);
  if (got.some(({ goarch }) => goarch === platform.architecture)) return undefined;
  const also = alsoRuns(platform.os, platform.architecture);
  const runs = got.some(({ goarch }) => also.includes(goarch)) ? "some machines" : "never";
  const told = { got: got.map(architectureWords).join(" and "), wanted: architectureWords(wanted), runs } as const;
  if (binary.format !== "elf") return got.length === 0 ? undefined : { what: "machine", ...told };
  const name = elfMachineName(binary.machine) ?? `machine ${binary.machine}`;
  const words = told.got === "" ? `${name}, ${binary.bits}-bit, ${binary.order}-endian` : told.got;
  const what = binary.machine !== wanted.elf ? "machine" : binary.bits !== wanted.bits ? "bits" : "byte-order";
  return { what, ...told, got: words };
}

/** An ELF file of another system. FreeBSD may run those of Linux. */
function systemMisfit(osAbi: number, platform: Platform): Misfit | undefined {
  const systems = osAbiSystems(osAbi);
  if (systems.length === 0 || systems.includes(platform.os)) return undefined;
  const runs = systems.includes("linux") ? "some machines" : "never";
  return { what: "format", got: `${osAbiName(osAbi)} (ELF)`, wanted: OS_WORDS[platform.os] ?? platform.os, runs };
}
