import { formatPlatform } from "../../../core/platform.ts";
import { shownText } from "../../../simulate/text.ts";
import { eventsOf } from "../../../simulate/trace.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { moveStep } from "../../remedies/steps.ts";
import { defineRule } from "../../rule.ts";
import { sourceOf } from "../installed-by.ts";
import { programRuns } from "../program-runs.ts";

export const rule = defineRule({
  meta: {
    id: "emulator-pin-without-effect",
    summary: "a release of the emulators is chosen, and the build runs programs under another one",
    severity: "info",
    confidence: "likely",
    fix: "sometimes",
    covers: ["qemu-pin-does-not-affect-builder"],
  },
  build(at, report) {
    const installed = sourceOf(at.event, at.trace);
    const told = installed?.image === undefined ? undefined : programRuns(at);
    if (installed?.image === undefined || told?.resolved.driver !== "docker-container") return;
    const { image, event } = installed;
    const chosen = `"${shownText(image)}"`;
    const own = told.runs.find(({ emulator }) => emulator.how === "buildkit");
    if (own !== undefined) {
      const platform = formatPlatform(own.platform);
      report({
        message: `programs of ${platform} run under the emulator in the builder's image, not under that of ${chosen}: the step does not install one for them`,
        place: image.place,
        key: "not-installed",
        facts: [{ sentence: `this build runs programs of ${platform}`, place: at.build.place }, own.emulator.fact],
        log: undefined,
        cause: CAUSE,
        remedies: [advice(`add ${own.platform.architecture} to the step's platforms`, "one more emulator is installed")],
      });
      return;
    }
    const made = eventsOf(at.trace, "create-builder").findLast(({ step }) => step.index < at.event.step.index);
    if (made === undefined || made.step.index > event.step.index || !told.runs.some(({ emulator }) => emulator.how === "host")) return;
    report({
      message: `the builder was started before ${chosen} was installed, and may keep to the emulators in its own image`,
      place: image.place,
      key: "too-late",
      facts: [
        { sentence: "this step starts the builder, which looks for emulators once", place: made.operation.place },
        { sentence: "this step installs emulators, after it", place: event.operation.place },
      ],
      log: undefined,
      cause: CAUSE,
      remedies: [remedy({ title: "set up QEMU before the builder", price: "none" }, [moveStep(event.step.place, made.step.place)])],
    });
  },
});

const CAUSE = "BuildKit takes the emulators of the kernel where it found some when it started, and else those of its own image, which are as old as that";
