import data from "../../data/binaries.json" with { type: "json" };

/** A processor's code in one class and byte order. */
export interface ArchitectureFacts {
  /** Go's word, which platforms use. */
  readonly goarch: string;
  /** People's word. */
  readonly name: string;
  readonly bits: 32 | 64;
  readonly order: "little" | "big";
  /** `e_machine`. */
  readonly elf: number;
}

/** What bits of `e_flags` say. */
export interface FlagFacts {
  readonly what: "float-abi" | "riscv-abi" | "ppc-abi" | "mips-abi";
  readonly mask: number;
  /** The usual one first. Others are of no known meaning. */
  readonly values: readonly {
    readonly value: number;
    readonly name: string;
    /** Undefined: it fits. */
    readonly runs: Runs | undefined;
  }[];
}

/** Which machines of a platform run code natively that is not made for just that platform. */
export type Runs = "never" | "some machines" | "all machines";

type Row = (typeof data.architectures)[number];

const factsOf = ({ goarch, name, bits, order, elf }: Row): ArchitectureFacts => ({
  goarch,
  name,
  bits: bits === 64 ? 64 : 32,
  order: order === "big" ? "big" : "little",
  elf,
});
const all = data.architectures.map(factsOf);

/** What an ELF header stands for; undefined for a device, an unknown machine, or a class and order that it has not. */
export const elfArchitecture = (machine: number, bits: number, order: string): ArchitectureFacts | undefined =>
  all.find((one) => one.elf === machine && one.bits === bits && one.order === order);

/** What a PE machine stands for; undefined when it is not known. */
export const peArchitecture = (machine: number): ArchitectureFacts | undefined => all[data.architectures.findIndex(({ pe }) => numbers(pe).includes(machine))];

/** What a Mach-O cputype stands for; undefined when it is not known. */
export const machoArchitecture = (cpu: number): ArchitectureFacts | undefined => all[data.architectures.findIndex(({ macho }) => numbers(macho).includes(cpu))];

/** Of GOARCH's word; undefined when no program's header stands for it (`wasm`). */
export const architectureFacts = (goarch: string): ArchitectureFacts | undefined => all.find((one) => one.goarch === goarch);

/** Whether the byte order is worth telling: it is the rare one, or code of the same processor and class is as usual in the other. */
export const isOrderWorthTelling = ({ elf, bits, order }: ArchitectureFacts): boolean =>
  data.architectures.some((one) => one.elf === elf && one.bits === bits && (one.order === order ? one.rare === true : one.rare !== true));

/** People's word for an `e_machine`; undefined when it is not known. */
export const elfMachineName = (machine: number): string | undefined =>
  [...all, ...data.withoutGoarch, ...data.devices].find((one) => one.elf === machine)?.name;

/** Whether an operating system runs on the processor. False also for a number that is not known. */
export const hasSystem = (machine: number): boolean => [...all, ...data.withoutGoarch].some((one) => one.elf === machine);

/** GOARCH's words of what some machines of a platform run besides their own. */
export const alsoRuns = (os: string, architecture: string): readonly string[] =>
  (data.alsoRuns as Readonly<Record<string, readonly string[]>>)[`${os}/${architecture}`] ?? [];

/** The format of a system's programs, by GOOS; undefined for one that is not known. */
export const programFormat = (os: string): string | undefined => (data.formats as Readonly<Record<string, string>>)[os];

/** The systems that an `EI_OSABI` names, as GOOS; empty for one that leaves it open. */
export const osAbiSystems = (value: number): readonly string[] => data.osAbi.find((one) => one.value === value)?.goos ?? [];

/** People's word for an `EI_OSABI`. */
export const osAbiName = (value: number): string | undefined => data.osAbi.find((one) => one.value === value)?.name;

/** What a Tag_CPU_arch stands for; undefined when it is not known. `hasSystem`: application processors, on which Linux runs. */
export function armArchitecture(value: number): { readonly name: string; readonly version: number; readonly hasSystem: boolean } | undefined {
  const row = data.armArchitectures.find((one) => one.value === value);
  return row === undefined ? undefined : { name: row.name, version: row.version, hasSystem: row.withoutSystem !== true };
}

/** Whether a Tag_CPU_arch_profile is of processors on which Linux runs. */
export const armProfileHasSystem = (profile: number): boolean => !data.armProfilesWithoutSystem.includes(profile);

/** The highest level of x86-64 in a GNU_PROPERTY_X86_ISA_1_NEEDED; 1 is the baseline, undefined when it names none. */
export const x86Level = (isa: number): { readonly level: number; readonly name: string } | undefined =>
  data.x86Levels.findLast(({ bit }) => ((isa >>> bit) & 1) === 1);

export const x86LevelName = (level: number): string => data.x86Levels.find((one) => one.level === level)?.name ?? `x86-64-v${level}`;

/** What `e_flags` say on a platform. */
export function flagFacts(goarch: string, variant: string | undefined): readonly FlagFacts[] {
  return data.flags
    .filter((row) => row.goarch.includes(goarch) && (row.variants === undefined || (variant !== undefined && row.variants.includes(variant))))
    .map((row) => ({
      what: row.what as FlagFacts["what"],
      mask: row.mask,
      values: row.values.map((one) => ({ value: one.value, name: one.name, runs: "runs" in one ? (one.runs as Runs) : undefined })),
    }));
}

/** JSON's empty lists have no type. */
const numbers = (list: readonly number[]): readonly number[] => list;
