import { formatPlatform } from "../../../core/platform.ts";
import { exportersOf } from "../../../simulate/exporters.ts";
import type { Build } from "../../../simulate/operation.ts";
import { platformCount } from "../../../simulate/platform-count.ts";
import { shownPlatforms } from "../../dockerfile/told-of-builds.ts";
import { refusedBuild } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { firstOfEach, isEmulated, programRuns } from "../program-runs.ts";

export const rule = defineRule({
  meta: {
    id: "needless-platforms",
    summary: "several platforms are built, some of them under emulation, and the result goes nowhere",
    severity: "info",
    confidence: "certain",
    fix: "none",
    covers: ["needless-multi-platform"],
  },
  build(at, report) {
    const { build, trace } = at;
    if (!goesNowhere(build) || platformCount(build.platforms).least < 2) return;
    const told = programRuns(at);
    // The docker driver leaves its results in Docker's store.
    if (told === undefined || told.resolved.driver !== "docker-container" || refusedBuild(at) !== undefined) return;
    const emulated = firstOfEach(told.runs.filter((run) => isEmulated(run, at)));
    const [first] = emulated;
    if (first === undefined) return;
    const { least } = platformCount(build.platforms);
    report({
      message: `${least} platforms are built and thrown away, ${shownPlatforms(emulated.map(({ platform }) => platform))} under emulation`,
      place: build.platforms.place ?? build.place,
      key: build.name ?? "",
      confidence: told.resolved.certain ? "certain" : "likely",
      facts: [
        { sentence: "the build neither pushes nor loads its result, and writes no other output or cache", place: build.push.place ?? build.place },
        first.emulator.fact,
      ],
      log: undefined,
      cause:
        "emulated programs take several times as long as native ones, and a build whose result nobody takes finds most mistakes on the runner's own platform too",
      remedies: [
        advice(
          `build one platform where nothing is published: \`\${{ github.event_name == 'pull_request' && 'linux/${trace.start.runner.architecture ?? "amd64"}' || '…' }}\``,
          `what fails on ${formatPlatform(first.platform)} alone is seen only when it is published`,
        ),
      ],
    });
  },
});

function goesNowhere(build: Build): boolean {
  const { push, load, cacheTo, outputs } = build;
  if (push.value !== false || load.value !== false || outputs.open || cacheTo.open || cacheTo.items.length > 0 || build.through === "other") return false;
  return exportersOf(build).every(({ type, push: pushes }) => type === "cacheonly" || (type === "image" && pushes === false));
}
