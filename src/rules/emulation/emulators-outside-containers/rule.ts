import { formatPlatform, type Platform } from "../../../core/platform.ts";
import { UNFIXED_ON } from "../../../facts/emulators.ts";
import { hostEmulatorOf } from "../../../simulate/emulation.ts";
import type { Event } from "../../../simulate/trace.ts";
import { refusedBuild } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule, type Report } from "../../rule.ts";
import { containerPlatform } from "../container-without-emulator/container-platform.ts";
import { firstOfEach, platformOf, programRuns } from "../program-runs.ts";

export const rule = defineRule({
  meta: {
    id: "emulators-outside-containers",
    summary: "emulators are installed in a way in which they are not found within containers",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["binfmt-missing-f-flag"],
  },
  build(at, report) {
    if (!areUnfixed(at.event) || refusedBuild(at) !== undefined) return;
    const told = programRuns(at);
    // BuildKit tries the emulators once, and takes its own where they fail.
    if (told === undefined || told.resolved.driver === "docker-container") return;
    const run = firstOfEach(told.runs).find(({ emulator }) => emulator.how === "host");
    if (run !== undefined) tell(at.event, run.platform, report);
  },
  event(event, _trace, report) {
    const { operation, before } = event;
    if (operation.kind !== "run-container" || !areUnfixed(event)) return;
    const platform = platformOf(containerPlatform(operation, before)?.text);
    if (platform !== undefined && hostEmulatorOf(before, platform).how === "host") tell(event, platform, report);
  },
});

/** What packages of Ubuntu do hangs on its release. */
function areUnfixed({ before }: Event): boolean {
  const { emulators, runner } = before;
  const { fact } = emulators;
  if (emulators.fixed !== false || fact?.place === undefined) return false;
  const byPackage = /\bapt(?:-get)?\b|\bapt-fast\b/.test(fact.place.file.text.slice(fact.place.span.start, fact.place.span.end));
  return !byPackage || UNFIXED_ON.includes(runner.image ?? "");
}

function tell({ operation, before, sure, step }: Event, platform: Platform, report: Report): void {
  const { fact } = before.emulators;
  if (fact?.place === undefined) return;
  report({
    message: `the emulators are not found within containers, and programs of ${formatPlatform(platform)} are run in one`,
    place: fact.place,
    key: "unfixed",
    confidence: sure && step.runs === "yes" && before.runner.kind === "hosted" && before.doubts.length === 0 ? "likely" : "possible",
    facts: [
      { sentence: "these emulators are registered without the flag F, so the kernel looks for their file each time a program starts", place: fact.place },
      { sentence: `here programs of ${formatPlatform(platform)} are run in a container, which does not hold that file`, place: operation.place },
    ],
    log: { tool: "runc", lines: ["exec /bin/sh: no such file or directory"] },
    cause:
      "the kernel looks for an emulator by its path in the root folder of the program that it starts, unless it was told to hold the file open from the beginning",
    remedies: [
      advice("install them by docker/setup-qemu-action, or `docker run --privileged --rm tonistiigi/binfmt --install all`", "another image is pulled"),
      advice("with multiarch/qemu-user-static: add `-p yes` behind `--reset`; with Debian's packages: take qemu-user-static", "none"),
    ],
  });
}
