import { arch, platform as system } from "node:os";
import { formatPlatform, type Platform } from "../../../core/platform.ts";
import { isProblem, type ProblemError } from "../../../core/problem.ts";
import type { PlatformAbility, SandboxAbility, SandboxWorld } from "../../../engine/sandbox.ts";
import { abilityMemory } from "./ability-memory.ts";
import { type HostRegistration, hostRegistrations, registrationFor } from "./binfmt-host.ts";
import { MACHINES, RELATED } from "./binfmt-table.ts";
import { type Emulator, firstOfEach } from "./emulators/emulator.ts";
import { PROBE_STATUS, probeFor } from "./probe.ts";
import { probeHere } from "./probe-here.ts";
import type { TryReport } from "./protocol.ts";

/** A world that was entered, to try things in: a warden that runs. */
export interface TriedWorld {
  readonly world: Exclude<SandboxWorld, "none">;
  /** One sentence: what the world means. */
  readonly why: string;
  /** What it costs. */
  readonly notes: readonly string[];
  readonly snapshots: "overlay" | "copy";
  /** Why the emulators that were asked for are not registered, as `Registration.refused`; absent: they are, or there were none. */
  readonly refused?: string;
  /** As `tryProgram`, inside. @param name  lower-case letters, digits, `-` */
  tryProgram(name: string, program: Uint8Array): Promise<TryReport>;
  close(): Promise<void>;
}

export interface AbilityPorts {
  /** `STORE/sandbox`; what was found is remembered in `ability.json` there. */
  readonly folder: string;
  /** Emulators that may be used, at most one an architecture: `findEmulators`. */
  readonly emulators: readonly Emulator[];
  /**
   * Enters the first world that works.
   * @param emulators  to be registered in it; empty: the machine's registration is left in force
   * @throws {ProblemError} `sandbox-unavailable`: its message is the sentence, its hint's lines are the ways out
   */
  readonly enter: (emulators: readonly Emulator[]) => Promise<TriedWorld>;
  /** Architecture of this machine, in Go's words. Default: Node's. */
  readonly machine?: string;
  /** Starts a program outside of any sandbox. Default: it is done. */
  readonly probeHere?: (program: Uint8Array) => TryReport;
  /** Default: those that the machine shows. */
  readonly registrations?: () => readonly HostRegistration[];
}

/**
 * What this machine can do for these platforms, found by trying, and remembered for this run of the kernel, this user, this Node and these emulators. What is
 * impossible is tried anew each time. A foreign platform is emulated by our own registration where there are emulators for all of them, else by the machine's where
 * that serves more of them.
 * @param consult  false: asks no memory and remembers nothing
 */
export async function sandboxAbility(platforms: readonly Platform[], ports: AbilityPorts, consult = true): Promise<SandboxAbility> {
  const memory = consult ? abilityMemory(ports.folder, ports.emulators) : undefined;
  const known = memory?.recall(platforms);
  if (known !== undefined) return known;
  const found = await tried(platforms, ports);
  memory?.keep(found);
  return found;
}

/** The emulators that a warden has to register so that it can do what `ability` tells; empty where the machine's own registration serves. */
export function emulatorsOf(ability: SandboxAbility, emulators: readonly Emulator[]): readonly Emulator[] {
  const own = new Set(ability.platforms.filter(({ registration }) => registration === "own").map(({ platform }) => platform.architecture));
  return emulators.filter(({ architecture }) => own.has(architecture));
}

/** A platform that can be tried. */
interface Candidate {
  readonly platform: Platform;
  readonly name: string;
  readonly program: Uint8Array;
  readonly emulator: Emulator | undefined;
  /** Runs here, and no registration has to do with it. */
  readonly native: boolean;
}

/** What could be done in a world. */
interface Attempt {
  readonly world: TriedWorld;
  /** Why our emulators are not registered in it, where they should be. */
  readonly refused: string | undefined;
  readonly reports: ReadonlyMap<string, TryReport>;
}

async function tried(platforms: readonly Platform[], ports: AbilityPorts): Promise<SandboxAbility> {
  const registrations = (ports.registrations ?? hostRegistrations)();
  const candidates = candidatesOf(platforms, ports, registrations);
  const ours = firstOfEach(candidates.flatMap(({ native, emulator }) => (native ? [] : (emulator ?? []))));
  const serves = ({ refused, reports }: Attempt): number =>
    refused === undefined ? candidates.filter(({ name }) => reports.get(name)?.exitCode === PROBE_STATUS).length : 0;

  const own = ours.length === 0 ? undefined : await attempted(candidates, ours, ports);
  if (own instanceof Error) return none(platforms, own);
  if (own !== undefined && own.refused === undefined && serves(own) === candidates.length)
    return told(platforms, candidates, own, "own", undefined, registrations);
  const host = await attempted(candidates, [], ports);
  if (host instanceof Error) return none(platforms, host);
  return own !== undefined && serves(own) > 0 && serves(own) >= serves(host)
    ? told(platforms, candidates, own, "own", host, registrations)
    : told(platforms, candidates, host, "host", own, registrations);
}

function none(platforms: readonly Platform[], { message, hint = "" }: ProblemError): SandboxAbility {
  const verdicts = platforms.map((platform): PlatformAbility => ({ platform, how: "impossible", why: "there is no sandbox" }));
  return { world: "none", why: message, notes: hint === "" ? [] : hint.split("\n"), snapshots: "copy", platforms: verdicts };
}

function candidatesOf(platforms: readonly Platform[], ports: AbilityPorts, registrations: readonly HostRegistration[]): readonly Candidate[] {
  const { machine = thisMachine(), folder, emulators } = ports;
  const possible = [machine, ...(RELATED[machine] ?? [])];
  return platforms.flatMap((platform) => {
    const program = probeFor(platform);
    if (program === undefined) return [];
    const alone = possible.includes(platform.architecture) && registrationFor(program, registrations) === undefined;
    const native = alone && (ports.probeHere?.(program) ?? probeHere(folder, program)).exitCode === PROBE_STATUS;
    const emulator = emulators.find(({ architecture }) => architecture === platform.architecture);
    return [{ platform, name: formatPlatform(platform), program, emulator, native }];
  });
}

/** Go's word for the architecture of this machine; `none` where nothing of this can run. */
function thisMachine(): string {
  const words: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };
  return system() === "linux" ? (words[arch()] ?? arch()) : "none";
}

/** Enters the first world that can be entered, with these emulators registered, and tries every program in it. */
async function attempted(candidates: readonly Candidate[], emulators: readonly Emulator[], ports: AbilityPorts): Promise<Attempt | ProblemError> {
  let world: TriedWorld;
  try {
    world = await ports.enter(emulators);
  } catch (error) {
    if (isProblem(error, "sandbox-unavailable")) return error;
    throw error;
  }
  try {
    const reports = new Map<string, TryReport>();
    for (const { name, program } of candidates) reports.set(name, await world.tryProgram(name.replaceAll("/", "-"), program));
    // By chroot alone nothing can be registered: what runs there, runs by the machine's registration.
    const unregistered = emulators.length > 0 && world.world === "chroot" ? "chroot has no registrations of its own" : undefined;
    return { world, refused: world.refused ?? unregistered, reports };
  } finally {
    await world.close();
  }
}

/** @param other  the attempt that was not taken, for the reasons */
function told(
  platforms: readonly Platform[],
  candidates: readonly Candidate[],
  taken: Attempt,
  kind: "own" | "host",
  other: Attempt | undefined,
  registrations: readonly HostRegistration[],
): SandboxAbility {
  const { world, why, notes, snapshots } = taken.world;
  const verdicts = platforms.map((platform): PlatformAbility => {
    const candidate = candidates.find(({ name }) => name === formatPlatform(platform));
    if (candidate === undefined) return { platform, how: "impossible", why: `programs for ${formatPlatform(platform)} are not known here` };
    const report = taken.reports.get(candidate.name);
    if (report?.exitCode !== PROBE_STATUS) return { platform, how: "impossible", why: whyNot(candidate, kind, taken, other, registrations) };
    if (candidate.native) return { platform, how: "native", why: "the processor runs a test program by itself" };
    if (kind === "own" && candidate.emulator !== undefined) {
      const { path, source } = candidate.emulator;
      return {
        platform,
        how: "emulated",
        registration: "own",
        emulator: path,
        why: `QEMU at "${path}" (${source}), registered in the sandbox's own namespace`,
      };
    }
    const registration = registrationFor(candidate.program, registrations);
    if (registration === undefined)
      return { platform, how: "emulated", registration: "host", why: "the machine runs a test program, by a registration that is not shown here" };
    const { interpreter, name } = registration;
    return { platform, how: "emulated", registration: "host", emulator: interpreter, why: `the machine's registration "${name}" starts "${interpreter}"` };
  });
  return { world, why, notes, snapshots, platforms: verdicts };
}

function whyNot(
  { name, platform, emulator, program }: Candidate,
  kind: "own" | "host",
  taken: Attempt,
  other: Attempt | undefined,
  registrations: readonly HostRegistration[],
): string {
  const registration = registrationFor(program, registrations);
  if (other?.reports.get(name)?.exitCode === PROBE_STATUS && other.refused === undefined) {
    return kind === "host"
      ? "an emulator was found, but it cannot be used beside the machine's own registration, which runs other platforms of this build; give emulators for those too"
      : `the machine's registration "${registration?.name ?? "unknown"}" runs it, but cannot be used beside our own, which runs other platforms of this build; give an emulator for it too`;
  }
  const refused = taken.refused ?? other?.refused;
  if (emulator !== undefined && refused !== undefined) return `an emulator was found ("${emulator.path}"), but it cannot be registered: ${refused}`;
  if (emulator !== undefined)
    return `the emulator "${emulator.path}" does not run a test program (${outcome((kind === "own" ? taken : other)?.reports.get(name))})`;
  if (registration !== undefined && !registration.flags.includes("F")) {
    return `the machine's registration "${registration.name}" lacks the flag F, so that its emulator is not found among a stage's files`;
  }
  if (registration !== undefined) return `the machine's registration "${registration.name}" does not run a test program (${outcome(taken.reports.get(name))})`;
  return `the processor does not run it, and no static qemu-${MACHINES[platform.architecture]?.qemu} was found`;
}

const outcome = (report: TryReport | undefined): string => report?.code ?? `it ended with status ${report?.exitCode ?? "unknown"}`;
