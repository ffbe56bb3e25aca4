import { formatPlatform, type Platform, parsePlatform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import type { Instruction } from "../dockerfile/ast.ts";
import { hostEmulatorOf } from "../simulate/emulation.ts";
import { knownItems } from "../simulate/text.ts";
import type { BuildEvent } from "./rule.ts";

/** A RUN whose programs the runner's processor cannot run. */
export interface ForeignRun {
  readonly platform: Platform;
  readonly instruction: Instruction;
}

/** The first RUN of each platform that is foreign to the runner, and for which no emulator is installed; undefined when the Dockerfile is not at hand. */
export function foreignRuns({ build, event, stages }: BuildEvent): readonly ForeignRun[] | undefined {
  if (stages === undefined) return undefined;
  const platforms = knownItems(build.platforms).flatMap(platformOf);
  const runs = stages.flatMap(({ runsOn, constant, instructions }) => {
    const instruction = instructions.find(({ kind }) => kind === "run");
    if (instruction === undefined || runsOn === "build" || runsOn === "unknown") return [];
    return (constant === undefined ? platforms : [constant]).map((platform) => ({ platform, instruction }));
  });
  const byPlatform = new Map(runs.reverse().map((run) => [formatPlatform(run.platform), run]));
  return [...byPlatform.values()].filter(({ platform }) => hostEmulatorOf(event.before, platform).how === "none");
}

function platformOf(text: string): readonly Platform[] {
  try {
    return [parsePlatform(text)];
  } catch (error) {
    if (isProblem(error)) return [];
    throw error;
  }
}
