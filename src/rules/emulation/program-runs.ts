import { formatPlatform, type Platform, parsePlatform } from "../../core/platform.ts";
import { isProblem } from "../../core/problem.ts";
import type { RunInstruction } from "../../dockerfile/ast.ts";
import { builderOf, type ResolvedBuilder } from "../../simulate/builder-of.ts";
import { type Emulator, emulatorOf } from "../../simulate/emulation.ts";
import { textOf } from "../../simulate/text.ts";
import type { Event } from "../../simulate/trace.ts";
import type { StageUse } from "../dockerfile-use.ts";
import type { BuildEvent } from "../rule.ts";

/** A RUN of a build, on one of the platforms on which it runs. */
export interface ProgramRun {
  readonly platform: Platform;
  readonly stage: StageUse;
  readonly instruction: RunInstruction;
  /** What runs its programs there. */
  readonly emulator: Emulator;
}

/** The programs that a build runs. */
export interface ProgramRuns {
  readonly resolved: ResolvedBuilder;
  readonly runs: readonly ProgramRun[];
  /** Every platform of the build is known, and where each RUN of it runs. */
  readonly whole: boolean;
}

const known = new WeakMap<Event, ProgramRuns | null>();

/** Every RUN of a build with the platforms on which it runs; undefined when its Dockerfile is not at hand. Read once a build. */
export function programRuns(at: BuildEvent): ProgramRuns | undefined {
  const before = known.get(at.event);
  if (before !== undefined) return before ?? undefined;
  const runs = read(at);
  known.set(at.event, runs ?? null);
  return runs;
}

/** What {@link programRuns} read of a build; undefined when nobody asked, or nothing was to be read. */
export const knownRuns = (event: Event): ProgramRuns | undefined => known.get(event) ?? undefined;

function read(at: BuildEvent): ProgramRuns | undefined {
  const { build, event, stages } = at;
  if (stages === undefined) return undefined;
  const resolved = builderOf(build, event.before);
  const own = ownPlatform(at);
  const asked = build.platforms.items.length === 0 && !build.platforms.open ? [own] : build.platforms.items.map((item) => platformOf(textOf(item)));
  const platforms = distinct(asked.filter((one) => one !== undefined));
  let whole = !build.platforms.open && asked.every((one) => one !== undefined);
  const emulators = new Map<string, Emulator>();
  const emulate = (platform: Platform): Emulator => {
    const name = formatPlatform(platform);
    const emulator = emulators.get(name) ?? emulatorOf(event.before, resolved, platform);
    emulators.set(name, emulator);
    return emulator;
  };
  const runs: ProgramRun[] = [];
  for (const stage of stages) {
    const instructions = stage.instructions.filter((one): one is RunInstruction => one.kind === "run");
    if (instructions.length === 0) continue;
    const places = stage.runsOn === "constant" ? [stage.constant] : stage.runsOn === "target" ? platforms : stage.runsOn === "build" ? [own] : [];
    if (stage.runsOn === "unknown") whole = false;
    for (const platform of places) {
      if (platform === undefined) continue;
      for (const instruction of instructions) runs.push({ platform, stage, instruction, emulator: emulate(platform) });
    }
  }
  return { resolved, runs, whole };
}

/** Containers of a Mac are Linux's. */
function ownPlatform({ event }: BuildEvent): Platform | undefined {
  const { os, architecture } = event.before.runner;
  return os === undefined || architecture === undefined ? undefined : platformOf(`${os === "windows" ? os : "linux"}/${architecture}`);
}

const distinct = (platforms: readonly Platform[]): readonly Platform[] => [...new Map(platforms.map((one) => [formatPlatform(one), one])).values()];

/** What is no platform is told by the rule about platform names. */
export function platformOf(text: string | undefined): Platform | undefined {
  if (text === undefined) return undefined;
  try {
    return parsePlatform(text);
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** The first RUN of each platform, in the order of the stages. */
export function firstOfEach(runs: readonly ProgramRun[]): readonly ProgramRun[] {
  return [...new Map([...runs].reverse().map((run) => [formatPlatform(run.platform), run])).values()].reverse();
}

/** Whether an emulator runs its programs, for sure. */
export const isEmulated = ({ emulator }: ProgramRun, { event }: BuildEvent): boolean =>
  event.before.runner.architecture !== undefined && (emulator.how === "host" || emulator.how === "buildkit");
