import type { FileEdit, Remedy } from "../../findings/finding.ts";
import type { Build, Through } from "../../simulate/operation.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import { entryOf, type YamlMapping } from "../../yaml/tree.ts";
import type { BuildEvent } from "../rule.ts";
import { newestAs } from "./actions.ts";
import { insertSteps, type NewStep } from "./insert-step.ts";
import { inputOf, scalarIn, stepListOf } from "./layout.ts";
import { remedy } from "./remedy.ts";
import { conditionIn, conditionOf } from "./steps.ts";
import { useBuildx } from "./texts.ts";

export interface BuilderOptions {
  /** Foreign platforms run programs, and the builder brings no emulator for one of them (or QEMU is wanted for another reason): set it up too. */
  readonly emulate?: boolean;
  /** A registry on localhost is pushed to: the builder's container has to share the network of the machine. */
  readonly hostNetwork?: boolean;
}

const TITLE = "set up a Buildx builder before this step";
const PRICE = "each run starts a BuildKit container (some seconds), and an image is in Docker's own store only when it is loaded";

/**
 * The remedy `buildx`: a setup-buildx step directly before the step that builds, under its condition, with the newest major of the day, pinned as the file pins.
 * A `docker build`, which takes no builder that is only selected, becomes `docker buildx build`.
 */
export function setUpBuilder(at: BuildEvent, options: BuilderOptions = {}): Remedy {
  const { place } = at.event.step;
  const { asOf } = at.trace;
  const condition = sharedCondition(place);
  const names = [...(options.emulate === true ? [QEMU] : []), BUILDX];
  const steps = names.flatMap(({ name, action }): NewStep[] => {
    const release = newestAs(place.file, action, asOf);
    const inputs = action === BUILDX.action && options.hostNetwork === true ? { with: { "driver-opts": "network=host" } } : {};
    return release === undefined ? [] : [{ name, ...release, if: condition, ...inputs }];
  });
  const edits: (FileEdit | undefined)[] = [steps.length === names.length ? insertSteps(steps, "before", place) : undefined];
  if (at.build.through === "docker build") edits.push(useBuildx(at.build.place));
  const isSafe = (at.build.through !== "docker build" || leavesTheStore(at.build)) && !countsOnDocker(at);
  return remedy({ title: TITLE, price: PRICE, with: "buildx", safety: isSafe ? "safe" : "unsafe" }, edits);
}

export const QEMU = { name: "Set up QEMU", action: "docker/setup-qemu-action" } as const;
const BUILDX = { name: "Set up Docker Buildx", action: "docker/setup-buildx-action" } as const;

/**
 * The condition of the building step, where no step behind it builds for platforms under another one: on every other way through the job nothing changes then.
 * Where one does, the builder is wanted there too, and has no condition.
 */
function sharedCondition(place: StepPlace): string | boolean | undefined {
  const condition = conditionOf(place);
  const list = stepListOf(place);
  const others = list?.steps.slice(list.index + 1).filter((step) => step !== undefined && asksForPlatforms(step)) ?? [];
  return others.every((step) => conditionIn(step) === condition) ? condition : undefined;
}

function asksForPlatforms(step: YamlMapping): boolean {
  if (!/^docker\/(?:build-push|bake)-action@/i.test(scalarIn(step, "uses")?.text ?? "")) return false;
  const inputs = entryOf(step, "with")?.value;
  return inputs?.kind === "mapping" && inputOf(inputs, "platforms") !== undefined;
}

const BY_SELECTION: ReadonlySet<Through> = new Set(["docker/build-push-action", "docker/bake-action", "docker buildx build", "docker buildx bake"]);

/** Whether a later build would take a new builder, and its image would not be in Docker's store any more. */
export function countsOnDocker({ build, event, trace }: BuildEvent): boolean {
  const here = trace.events.indexOf(event);
  return trace.events.some(({ operation }, i) => {
    if (i <= here || operation.kind !== "build" || operation === build || operation.onlyAsks) return false;
    return BY_SELECTION.has(operation.through) && operation.builder === undefined && operation.platforms.items.length < 2 && !leavesTheStore(operation);
  });
}

/** The result goes somewhere that does not hang on the builder. */
export const leavesTheStore = (build: Build): boolean => build.push.value === true || build.load.value === true || build.outputs.items.length > 0;
