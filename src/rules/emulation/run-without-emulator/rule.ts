import { formatPlatform } from "../../../core/platform.ts";
import type { Confidence, Fact, Remedy } from "../../../findings/finding.ts";
import { shownPlatforms } from "../../dockerfile/told-of-builds.ts";
import { refusedBuild } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { setUpBuilder } from "../../remedies/set-up-builder.ts";
import { setUpEmulators } from "../../remedies/set-up-emulators.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { firstOfEach, type ProgramRun, type ProgramRuns, programRuns } from "../program-runs.ts";
import { formatErrorLog } from "./format-error.ts";

export const rule = defineRule({
  meta: {
    id: "run-without-emulator",
    summary: "a build runs programs of a platform that the machine cannot run, and nothing emulates it",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["qemu-missing-docker-driver", "arm-v7-on-arm64-host", "riscv64-unsupported"],
  },
  build(at, report) {
    const told = programRuns(at);
    if (told === undefined) return;
    const runs = firstOfEach(told.runs.filter((run) => cannotRun(run, at)));
    const [first] = runs;
    if (first === undefined || refusedBuild(at) !== undefined) return;
    const { build } = at;
    const platforms = runs.map(({ platform }) => platform);
    const shown = shownPlatforms(platforms);
    report({
      message: at.trace.row.name === "" ? `the build runs programs of ${shown}, and nothing emulates ${runs.length > 1 ? "them" : "it"}` : IN_ROWS,
      place: build.place,
      key: build.name ?? "",
      confidence: confidenceOf(first, told, at),
      facts: factsOf(runs, told, at),
      log: formatErrorLog(first, told),
      cause: causeOf(told),
      remedies: () => remediesOf(runs, told, at),
    });
  },
});

/** Every row may have its platform. */
const IN_ROWS = "the build runs programs of another platform than the runner's, and nothing emulates it";

/** Nothing runs it; or 32-bit arm on a 64-bit processor that may lack it. Those of GitHub's own Linux machines have it. */
function cannotRun({ emulator, platform }: ProgramRun, { event }: BuildEvent): boolean {
  if (emulator.how === "none") return true;
  const { runner, emulators } = event.before;
  const depends = emulator.how === "unknown" && platform.architecture === "arm" && runner.architecture === "arm64";
  const isGithubs = runner.kind === "hosted" && runner.os === "linux";
  return depends && !isGithubs && emulators.architectures !== "all" && !emulators.architectures.has("arm") && event.before.doubts.length === 0;
}

function confidenceOf({ emulator }: ProgramRun, { resolved }: ProgramRuns, { event }: BuildEvent): Confidence {
  if (emulator.how !== "none") return "possible";
  return resolved.certain && event.sure && event.step.runs === "yes" && event.before.runner.container === undefined ? "certain" : "likely";
}

function factsOf(runs: readonly ProgramRun[], { resolved }: ProgramRuns, { build, dockerfile }: BuildEvent): readonly Fact[] {
  const places = dockerfile === undefined ? [] : runs.slice(0, 1);
  return [
    ...resolved.facts,
    { sentence: `the build is for ${shownPlatforms(runs.map(({ platform }) => platform))}`, place: build.platforms.place ?? build.place },
    ...places.map(({ platform, instruction }) => ({
      sentence: `this RUN runs programs of ${formatPlatform(platform)}`,
      place: { file: (dockerfile as NonNullable<typeof dockerfile>).file, span: instruction.span },
    })),
    ...runs.map(({ emulator }) => emulator.fact),
  ];
}

function causeOf({ resolved: { driver } }: ProgramRuns): string {
  const first = "a RUN starts programs of the platform that its stage is built for, and a processor of another kind needs an emulator for them";
  return `${first}; ${driver === "docker" ? "Docker's own builder brings none, unlike BuildKit's image" : "neither the machine nor the builder has one"}`;
}

function remediesOf(runs: readonly ProgramRun[], { resolved }: ProgramRuns, at: BuildEvent): readonly Remedy[] {
  const architectures = [...new Set(runs.map(({ platform }) => platform.architecture))];
  return [
    setUpEmulators(at.event, at.trace, architectures),
    ...(resolved.driver === "docker" && runs.every(({ platform }) => platform.architecture !== "loong64") ? [setUpBuilder(at)] : []),
    advice(
      "build each platform on a runner of its own kind, and join the images",
      "a job for each platform, and one that makes the index; no emulation at all",
    ),
    advice("compile in a stage on $BUILDPLATFORM, and only copy in the last stage", "the Dockerfile has to cross-compile"),
  ];
}
