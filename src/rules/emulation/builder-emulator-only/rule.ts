import { formatPlatform } from "../../../core/platform.ts";
import type { Fact } from "../../../findings/finding.ts";
import { shownPlatforms } from "../../dockerfile/told-of-builds.ts";
import { refusedBuild } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { setUpEmulators } from "../../remedies/set-up-emulators.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { firstOfEach, type ProgramRun, type ProgramRuns, programRuns } from "../program-runs.ts";
import { type Beyond, worstBeyond } from "./beyond.ts";

export const rule = defineRule({
  meta: {
    id: "builder-emulator-only",
    summary: "programs of another platform run under the emulator in BuildKit's own image, which cannot run all that one in the kernel can",
    severity: "error",
    confidence: "possible",
    fix: "sometimes",
    covers: [],
  },
  build(at, report) {
    const told = programRuns(at);
    const emulated = told?.runs.filter(({ emulator }) => emulator.how === "buildkit") ?? [];
    const [first] = firstOfEach(emulated);
    if (told === undefined || first === undefined || refusedBuild(at) !== undefined) return;
    const beyond = worstBeyond(emulated, at);
    const platforms = firstOfEach(emulated).map(({ platform }) => platform);
    report({
      message:
        beyond === undefined
          ? `programs of ${shownPlatforms(platforms)} run under the emulator in the builder's image alone, which not every program bears`
          : `${beyond.what} ${beyond.confidence === "possible" ? "may fail" : "fails"} for ${formatPlatform(beyond.run.platform)} under the emulator in the builder's image`,
      place: at.build.place,
      key: at.build.name ?? "",
      severity: beyond === undefined ? "warning" : "error",
      confidence: beyond?.confidence === "likely" && isSure(told, at) ? "likely" : "possible",
      facts: factsOf(beyond?.run ?? first, beyond, at),
      log: beyond?.log,
      cause: beyond?.cause ?? CAUSE,
      remedies: [
        setUpEmulators(at.event, at.trace, [...new Set(platforms.map(({ architecture }) => architecture))]),
        ...(beyond?.otherwise === undefined ? [] : [beyond.otherwise]),
        advice("run these commands in a stage on $BUILDPLATFORM, or on a runner of that platform", "the Dockerfile or the workflow is built otherwise"),
      ],
    });
  },
});

const CAUSE =
  "no emulator is registered in the machine's kernel, so BuildKit puts its own before each program that a RUN starts; it is as old as the builder's image, and programs that change the root folder or start others in unusual ways lose it";

const isSure = ({ resolved }: ProgramRuns, { event }: BuildEvent): boolean => resolved.certain && event.sure && event.step.runs === "yes";

function factsOf(run: ProgramRun, beyond: Beyond | undefined, { build, dockerfile, event }: BuildEvent): readonly Fact[] {
  const inFile: Fact[] =
    dockerfile === undefined
      ? []
      : [{ sentence: `this RUN runs programs of ${formatPlatform(run.platform)}`, place: { file: dockerfile.file, span: run.instruction.span } }];
  return [
    { sentence: `the build is for ${formatPlatform(run.platform)} too`, place: build.platforms.place ?? build.place },
    ...inFile,
    { sentence: "no step before it installs emulators", place: event.before.runner.fact.place },
    run.emulator.fact,
    ...(beyond?.facts ?? []),
  ];
}
