/** A file that a machine's loader takes, as its first bytes tell. */
export type Binary = Elf | Pe | MachO;

/** An ELF file: what its headers, dynamic section, notes and attributes say. */
export interface Elf {
  readonly format: "elf";
  /** `e_machine`. */
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly order: "little" | "big";
  /** `e_type`: 1 relocatable, 2 executable, 3 shared object or position-independent program, 4 core. */
  readonly type: number;
  /** `EI_OSABI`. */
  readonly osAbi: number;
  /** `e_flags`. */
  readonly flags: number;
  /** PT_INTERP; undefined for a static program and for a library. */
  readonly interpreter: string | undefined;
  /** Undefined without PT_DYNAMIC: wholly static, or no program. */
  readonly dynamic: ElfDynamic | undefined;
  /** `.ARM.attributes`; undefined when it has none. */
  readonly arm: ArmAttributes | undefined;
  /** GNU_PROPERTY_X86_ISA_1_NEEDED, bit 0 baseline, 1 v2, 2 v3, 3 v4; undefined when not noted, and for what is not linked. */
  readonly x86IsaNeeded: number | undefined;
  /** What keeps it from being read to its end (`it is cut short in its program headers`); undefined: nothing. What is told beside it holds. */
  readonly damage: string | undefined;
}

/** PT_DYNAMIC, with what it points to. */
export interface ElfDynamic {
  readonly soname: string | undefined;
  /** DT_NEEDED, in order. */
  readonly needed: readonly string[];
  /** DT_RPATH and DT_RUNPATH, unsplit. */
  readonly rpath: string | undefined;
  readonly runpath: string | undefined;
  /** DF_1_PIE, which tells a program from a library; DF_1_NODEFLIB. */
  readonly flags1: number;
  /** `.gnu.version_r`: versions wanted of each file. */
  readonly wants: readonly { readonly file: string; readonly versions: readonly { readonly name: string; readonly weak: boolean }[] }[];
  /** `.gnu.version_d`: versions defined, the base one left out. */
  readonly defines: readonly string[];
  /** False: a table it points to lies beyond what is kept of a large file, so names are missing; nothing may be concluded from them. */
  readonly whole: boolean;
}

/** ARM's build attributes: ABI for the Arm Architecture, addenda32, "Public attributes". */
export interface ArmAttributes {
  /** Tag_CPU_arch (6): 4 is v5TE, 6 v6, 7 v6KZ, 9 v6K, 10 v7, 14 v8-A. */
  readonly cpuArch: number | undefined;
  /** Tag_CPU_arch_profile (7), a letter's code: 65 application, 82 real-time, 77 microcontroller. */
  readonly profile: number | undefined;
  /** Tag_ABI_VFP_args (28): 0 soft, 1 hard, 3 either. */
  readonly vfpArgs: number | undefined;
  /** Tag_FP_arch (10). */
  readonly fpArch: number | undefined;
}

/** Windows: PE/COFF. */
export interface Pe {
  readonly format: "pe";
  /** IMAGE_FILE_HEADER.Machine. */
  readonly machine: number;
  readonly dll: boolean;
  /** It has a CLR header: an assembly of .NET, which runs wherever .NET does, whatever `machine` says. */
  readonly managed: boolean;
  readonly damage: string | undefined;
}

/** macOS: Mach-O, one architecture or several (universal). */
export interface MachO {
  readonly format: "macho";
  /** cputype of each part. */
  readonly cpus: readonly number[];
  /** `filetype` of the first part: 1 object, 2 program, 6 library, 8 bundle; undefined when it is not kept. */
  readonly type: number | undefined;
  readonly damage: string | undefined;
}
