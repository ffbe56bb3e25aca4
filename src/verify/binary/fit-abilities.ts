import type { Platform } from "../../core/platform.ts";
import { armArchitecture, flagFacts, x86Level, x86LevelName } from "../../facts/binaries.ts";
import type { Elf } from "./binary.ts";
import type { Misfit } from "./fit.ts";
import { kindOf } from "./kind.ts";

/** EABI version 5, whose flags tell the float ABI; those of older ones mean other things. */
const ARM_EABI5 = 5;
const ARM_SOFT = 0x200;
const ARM_HARD = 0x400;

/** What code for the platform's own processor asks of it that not all have, and conventions that are not the usual ones. What is not noted asks for nothing. */
export function abilityMisfits(elf: Elf, platform: Platform): readonly Misfit[] {
  // Objects carry no flags of this kind before they are linked.
  if (kindOf(elf) === "object") return [];
  return [...armVersion(elf, platform), ...x86(elf, platform), ...conventions(elf, platform)];
}

function armVersion(elf: Elf, { architecture, variant }: Platform): readonly Misfit[] {
  const needed = architecture === "arm" && elf.arm?.cpuArch !== undefined ? armArchitecture(elf.arm.cpuArch) : undefined;
  const has = versionOf(variant);
  if (needed === undefined || has === undefined || needed.version <= has) return [];
  return [{ what: "arm-version", got: needed.name, wanted: `ARMv${has}`, runs: "some machines" }];
}

function x86(elf: Elf, { architecture, variant }: Platform): readonly Misfit[] {
  const needed = architecture === "amd64" && elf.x86IsaNeeded !== undefined ? x86Level(elf.x86IsaNeeded) : undefined;
  const has = versionOf(variant ?? "v1");
  if (needed === undefined || has === undefined || needed.level <= has) return [];
  return [{ what: "x86-level", got: needed.name, wanted: x86LevelName(has), runs: "some machines" }];
}

function conventions(elf: Elf, { architecture, variant }: Platform): readonly Misfit[] {
  const flags = architecture === "arm" ? armFloat(elf) : elf.flags;
  return flagFacts(architecture, variant).flatMap(({ what, mask, values }): readonly Misfit[] => {
    const got = values.find(({ value }) => value === (flags & mask) >>> 0);
    return got?.runs === undefined ? [] : [{ what, got: got.name, wanted: values.find(({ runs }) => runs === undefined)?.name ?? "", runs: got.runs }];
  });
}

/** As flags would tell it: they do in what binutils link, attributes do in what others link. */
function armFloat({ flags, arm }: Elf): number {
  const told = flags >>> 24 === ARM_EABI5 ? flags & (ARM_SOFT | ARM_HARD) : 0;
  if (told !== 0) return told;
  return arm?.vfpArgs === 1 ? ARM_HARD : arm?.vfpArgs === 0 ? ARM_SOFT : 0;
}

/** `v7`: 7. */
function versionOf(variant: string | undefined): number | undefined {
  const digits = /^v(\d)$/.exec(variant ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}
