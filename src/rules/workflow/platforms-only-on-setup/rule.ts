import type { Place } from "../../../core/span.ts";
import type { Build } from "../../../simulate/operation.ts";
import { splitText, textOf } from "../../../simulate/text.ts";
import { eventsOf, type StepPlace, type Trace, type TracedStep } from "../../../simulate/trace.ts";
import { publishingOf } from "../../published.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "platforms-only-on-setup",
    summary: "platforms are named for the builder or the emulators, and the build that publishes names none",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["setup-buildx-platforms-misread"],
  },
  trace(trace, report) {
    const builds = eventsOf(trace, "build").filter(({ operation }) => !operation.onlyAsks);
    if (builds.length === 0 || !builds.every(({ operation }) => namesNone(operation))) return;
    const setup = trace.steps.map((step) => setupOf(step, trace)).find((one) => one !== undefined);
    if (setup === undefined || isUsedOtherwise(trace)) return;
    for (const { operation, step } of builds) {
      if (
        operation.through !== "docker/build-push-action" ||
        publishingOf(operation).pushes !== true ||
        setup.index > step.index ||
        step.inputs.has("platform")
      )
        continue;
      report({
        message: `this build names no platform, and publishes an image of the runner's own alone; ${setup.count} are named for ${setup.what}`,
        place: operation.place,
        key: setup.what,
        facts: [{ sentence: `these are platforms ${setup.what} can do, not those that are built`, place: setup.place }],
        cause:
          "each build is told its own platforms; those of setup-buildx-action say what a node offers, and those of setup-qemu-action which emulators are installed",
        remedies: [
          remedy({ title: "name the platforms in the build step", price: "the image is built for each of them", safety: "unsafe" }, [
            platformsFor(step.place, setup),
          ]),
        ],
      });
    }
  },
});

const namesNone = ({ platforms }: Build): boolean => platforms.items.length === 0 && !platforms.open && platforms.place === undefined;

/** Emulators and nodes may be there for other commands than builds: a test that runs an image, a script that nobody reads. */
function isUsedOtherwise(trace: Trace): boolean {
  const { doubts } = trace.events.at(-1)?.after ?? trace.start;
  return (
    doubts.length > 0 ||
    trace.events.some(({ operation }) => operation.kind === "run-container" || operation.kind === "create-index") ||
    trace.steps.some(({ step }) => /--platform|buildx|--arch|qemu|chroot/.test(step.run?.text ?? ""))
  );
}

interface Setup {
  readonly what: "the builder" | "the emulators";
  readonly index: number;
  readonly count: string;
  /** As written, where each is a whole platform. */
  readonly platforms: readonly string[] | undefined;
  readonly place: Place;
}

function setupOf({ action, inputs, runs, index }: TracedStep, { start: { runner } }: Trace): Setup | undefined {
  if (runs === "no" || (action !== "docker/setup-buildx-action" && action !== "docker/setup-qemu-action")) return undefined;
  const given = inputs.get("platforms");
  const items = given === undefined ? [] : splitText(given, /[,\n]/).map(textOf);
  const words = items.filter((item) => item !== undefined);
  if (given === undefined || words.length < items.length || words.length === 0 || words.includes("all")) return undefined;
  const what = action === "docker/setup-buildx-action" ? "the builder" : "the emulators";
  // One emulator may be for anything; the runner's own platform among them is only there to be built.
  const ownToo = words.some((word) => word === `linux/${runner.architecture ?? "amd64"}`);
  if (words.length < 2 || (what === "the emulators" && !ownToo)) return undefined;
  return {
    what,
    index,
    count: words.length === 2 ? "two" : String(words.length),
    platforms: words.every((word) => word.includes("/")) ? words : undefined,
    place: given.place,
  };
}

const platformsFor = (step: StepPlace, { platforms }: Setup): ReturnType<typeof addInputs> =>
  platforms === undefined ? undefined : addInputs(step, { platforms: platforms.join(",") });
