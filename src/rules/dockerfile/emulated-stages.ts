import type { Platform } from "../../core/platform.ts";
import { remembered } from "../../core/remembered.ts";
import { baseStage } from "../../dockerfile/stages.ts";
import type { Fact } from "../../findings/finding.ts";
import { builderOf } from "../../simulate/builder-of.ts";
import { emulatorOf } from "../../simulate/emulation.ts";
import type { StageUse } from "../dockerfile-use.ts";
import type { BuildEvent } from "../rule.ts";
import { platformsOf } from "./built-stages.ts";

/** A stage whose RUN steps are emulated. */
export interface EmulatedStage {
  readonly use: StageUse;
  readonly platforms: readonly Platform[];
  /** What emulates the first of them. */
  readonly fact: Fact;
}

/** The stages of a build whose RUN steps run under emulation for some platform. Empty where the Dockerfile or the builder is not known. */
export const emulatedStages: (at: BuildEvent) => readonly EmulatedStage[] = remembered(read, ({ event }) => event);

function read(at: BuildEvent): readonly EmulatedStage[] {
  const { build, event } = at;
  const { platforms } = platformsOf(at);
  if (platforms.every(({ architecture }) => architecture === event.before.runner.architecture)) return [];
  const resolved = builderOf(build, event.before);
  const emulated = platforms.flatMap((platform) => {
    const emulator = emulatorOf(event.before, resolved, platform);
    return emulator.how === "host" || emulator.how === "buildkit" ? [{ platform, fact: emulator.fact }] : [];
  });
  const [first] = emulated;
  if (first === undefined) return [];
  const targets = (at.stages ?? []).filter(({ runsOn, instructions }) => runsOn === "target" && instructions.some(({ kind }) => kind === "run"));
  return targets.map((use) => ({ use, platforms: emulated.map(({ platform }) => platform), fact: first.fact }));
}

/** The image that a stage begins with, through the stages it builds on, with the defaults of arguments filled in; undefined where it hangs on something else. */
export function imageBelow({ stage }: StageUse, { dockerfile, build }: BuildEvent): string | undefined {
  if (dockerfile === undefined) return undefined;
  let lowest = stage;
  for (let base = baseStage(dockerfile, lowest, lowest.from.image.text); base !== undefined; base = baseStage(dockerfile, lowest, lowest.from.image.text))
    lowest = base;
  const given = new Set(build.buildArgs.items.map(({ parts: [head] }) => (typeof head === "string" ? head.split("=")[0] : "")));
  const defaults = new Map(dockerfile.globalArgs.flatMap(({ args }) => args).map(({ name, value }) => [name.text, value?.text]));
  const image = lowest.from.image.text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) =>
    given.has(name) || build.buildArgs.open ? whole : (defaults.get(name) ?? whole),
  );
  return image.includes("$") ? undefined : image.replace(/["']/g, "");
}
