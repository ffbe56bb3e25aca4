import { type Event, eventsOf, type Trace, type TracedStep } from "../../../simulate/trace.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { removeStep } from "../../remedies/steps.ts";
import { defineRule, isBuildEvent } from "../../rule.ts";
import { containerPlatform } from "../container-without-emulator/container-platform.ts";
import { knownRuns, programRuns } from "../program-runs.ts";

export const rule = defineRule({
  meta: {
    id: "needless-emulators",
    summary: "emulators are installed, and no build runs a program of another platform",
    severity: "info",
    confidence: "likely",
    fix: "sometimes",
    covers: ["needless-qemu-step"],
  },
  build(at) {
    // Read here, where the Dockerfile is at hand, for `job` to look at.
    programRuns(at);
  },
  job({ traces }, _workflow, report) {
    const byStep = new Map<string, { readonly event: Event; readonly traces: Trace[]; needless: boolean }>();
    for (const trace of traces) {
      for (const event of eventsOf(trace, "install-emulators")) {
        if (event.step.action !== SETUP) continue;
        const key = keyOf(event.step);
        const there = byStep.get(key) ?? { event, traces: [], needless: true };
        there.traces.push(trace);
        there.needless &&= nothingIsEmulated(event, trace);
        byStep.set(key, there);
      }
    }
    for (const { event, traces: seen, needless } of byStep.values()) {
      if (!needless) continue;
      const { operation, step } = event;
      const build = (seen[0] as Trace).events.find((one) => isBuildEvent(one) && one.step.index > step.index);
      report({
        message: "QEMU is set up, and nothing is emulated",
        place: operation.place,
        traces: seen,
        facts: [
          { sentence: "this step pulls some 100 MB of emulators", place: operation.place },
          {
            sentence:
              "no stage of this build runs a program of another platform than the runner's: those of other platforms only copy, or are for the build's own platform",
            place: build?.operation.place,
          },
        ],
        log: undefined,
        cause: "emulators are needed where a RUN starts programs of another platform; copying files into an image of another platform needs none",
        remedies: [
          step.step.id === undefined
            ? remedy({ title: "take the step out", price: "it has to come back with the first RUN for another platform", safety: "unsafe" }, [
                removeStep(step.place),
              ])
            : advice("take the step out, with what uses its outputs", "it has to come back with the first RUN for another platform"),
        ],
      });
    }
  },
});

const SETUP = "docker/setup-qemu-action";
const keyOf = ({ place, calledFrom }: TracedStep): string => [place, ...calledFrom].map(({ file, route }) => `${file.name}:${route.join("/")}`).join("\n");

/** For sure: every build behind it is read, and no other step can use emulators. */
function nothingIsEmulated(installed: Event, trace: Trace): boolean {
  const later = trace.events.filter(({ step }) => step.index > installed.step.index);
  const builds = later.filter((event) => isBuildEvent(event) && !event.operation.onlyAsks);
  if (builds.length === 0 || installed.after.doubts.length > 0 || later.some(({ operation }) => operation.kind === "doubt")) return false;
  const native = builds.every((event) => {
    const told = knownRuns(event);
    // A last stage that is pinned to the builder's platform is a mistake, which another rule tells.
    const pinned = told?.runs.some(({ stage }) => stage.final && stage.runsOn !== "target") === true;
    return told?.whole === true && !pinned && told.runs.every(({ emulator }) => emulator.how === "native");
  });
  const containers = later.every((event) => event.operation.kind !== "run-container" || containerPlatform(event.operation, event.before) === undefined);
  return native && containers && trace.steps.every((step) => step.index <= installed.step.index || step.runs === "no" || usesNoEmulator(step));
}

const HARMLESS = /^(?:docker|actions|sigstore|aquasecurity|anchore|github|aws-actions|google-github-actions|azure|softprops|codecov|peter-evans)\//;
/** Programs that may start others of another kind. */
const MAY_START =
  /\b(?:docker(?:\s+container)?\s+(?:run|create|start|exec)|compose|podman|buildah|nerdctl|earthly|qemu|binfmt|chroot|cross|nspawn|make|just|task|npm|yarn|pnpm|cargo|go|python3?|pip|gradle|mvn|bazel|nix|ruby|rake)\b|(?:^|[\s;&|(])(?:\.{0,2}\/|bash |sh |source )/m;

const usesNoEmulator = ({ action, step }: TracedStep): boolean =>
  action !== undefined
    ? HARMLESS.test(action)
    : step.run !== undefined
      ? !MAY_START.test(step.run.text)
      : step.uses === undefined || step.uses.target.kind === "local";
