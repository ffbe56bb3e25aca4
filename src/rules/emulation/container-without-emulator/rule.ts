import { formatPlatform, type Platform } from "../../../core/platform.ts";
import type { Fact } from "../../../findings/finding.ts";
import { hostEmulatorOf } from "../../../simulate/emulation.ts";
import type { RunContainer } from "../../../simulate/operation.ts";
import { shownText } from "../../../simulate/text.ts";
import type { Event, Trace } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { setUpEmulators } from "../../remedies/set-up-emulators.ts";
import { defineRule } from "../../rule.ts";
import { platformOf } from "../program-runs.ts";
import { containerPlatform } from "./container-platform.ts";

export const rule = defineRule({
  meta: {
    id: "container-without-emulator",
    summary: "a container of another platform is started, and the machine has no emulator for it",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["qemu-missing-docker-run"],
  },
  event(event, trace, report) {
    const { operation, before } = event;
    if (operation.kind !== "run-container") return;
    const found = containerPlatform(operation, before);
    const platform = platformOf(found?.text);
    if (found === undefined || platform === undefined || platform.os !== "linux") return;
    const emulator = hostEmulatorOf(before, platform);
    if (emulator.how !== "none" || runsElsewhere(event)) return;
    const sure = event.sure && event.step.runs === "yes" && before.runner.container === undefined && before.doubts.length === 0;
    report({
      message: `the container is of ${isOne(trace) ? formatPlatform(platform) : "another platform than the runner"}, and nothing emulates it`,
      place: operation.place,
      key: "foreign",
      confidence: !sure ? "possible" : found.sure ? "certain" : "likely",
      facts: factsOf(operation, found.fact, emulator.fact, platform, before.emulators.fact),
      log: undefined,
      cause:
        "the processor cannot run programs of another kind, and the kernel has no emulator registered for them; the one in BuildKit's image serves builds alone",
      remedies: [
        setUpEmulators(event, trace, [platform.architecture]),
        advice(`test on a runner of ${formatPlatform(platform)}`, "a job of its own, without emulation"),
      ],
    });
  },
});

/** Of a matrix every row may have its platform. */
const isOne = ({ row }: Trace): boolean => row.name === "";

/** By `DOCKER_HOST`, or a context of another machine. */
function runsElsewhere({ operation, before }: Event): boolean {
  if ((operation.variables?.has("DOCKER_HOST") ?? false) || before.variables.has("DOCKER_HOST")) return true;
  const context = before.context === undefined ? undefined : before.contexts.get(before.context);
  return context === undefined || /^(?:tcp|ssh|https?):/.test(context.endpoint);
}

function factsOf({ image, place }: RunContainer, asked: Fact, none: Fact, platform: Platform, installed: Fact | undefined): readonly Fact[] {
  const shown = image === undefined ? [] : [{ sentence: `"${shownText(image)}" is started for ${formatPlatform(platform)}`, place }];
  return [asked, ...shown, ...(installed === undefined ? [] : [{ sentence: "other emulators are installed here", place: installed.place }]), none];
}
