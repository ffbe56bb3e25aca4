import { actionFacts, newestVersion, versionOf } from "../../facts/actions.ts";
import type { FileEdit, Remedy } from "../../findings/finding.ts";
import type { OperationKind } from "../../simulate/operation.ts";
import type { StepPlace, Trace, TracedStep } from "../../simulate/trace.ts";
import { entryOf } from "../../yaml/tree.ts";
import type { BuildEvent } from "../rule.ts";
import { newestAs } from "./actions.ts";
import { withContainerdStore } from "./daemon-config.ts";
import { addInputs, setInput } from "./inputs.ts";
import { insertSteps, type NewStep } from "./insert-step.ts";
import { inputOf, mappingOf, sameList, scalarIn } from "./layout.ts";
import { remedy } from "./remedy.ts";
import { QEMU } from "./set-up-builder.ts";
import { conditionOf } from "./steps.ts";

export interface StoreOptions {
  /** Foreign platforms run programs: Docker brings no emulators, so set up QEMU too. */
  readonly emulate?: boolean;
}

const SETUP_DOCKER = "docker/setup-docker-action";
const INPUT = "daemon-config";

/**
 * The remedy `containerd`: the setup-docker step that made the current daemon gets a `daemon-config` that turns the containerd image store on; where there is
 * none, such a step is put before the first step of the job that uses Docker (what went into the store before it would be lost).
 */
export function containerdStore(at: BuildEvent, options: StoreOptions = {}): Remedy {
  const { trace, event } = at;
  const emulate = options.emulate === true;
  const setup = trace.steps.findLast((step) => step.action === SETUP_DOCKER && step.runs !== "no" && step.index < event.step.index);
  if (setup !== undefined) {
    const edits = [configEdit(setup.place), ...(emulate ? [emulators(event.step.place, trace)] : [])];
    return remedy({ title: "turn on the containerd image store of the Docker that is set up here", price: KEPT_PRICE, with: "containerd" }, edits);
  }
  const first = firstUse(at);
  const head = { title: "set up a Docker with the containerd image store before it is first used", price: NEW_PRICE, with: "containerd" } as const;
  // Services and the job's container run on the Docker that was there before.
  const isAlone = trace.job.services.length === 0 && trace.job.container === undefined;
  return remedy({ ...head, safety: isAlone ? "safe" : "unsafe" }, [newDocker(first, event.step.place, trace, emulate)]);
}

const KEPT_PRICE = "images get other IDs than in Docker's classic store";
const NEW_PRICE = "each run downloads and starts a second Docker, which holds none of the images that the runner's own one has";

function configEdit(setup: StepPlace): FileEdit | undefined {
  const mapping = mappingOf(setup);
  const inputs = mapping && entryOf(mapping, "with")?.value;
  const given = inputs?.kind === "mapping" ? inputOf(inputs, INPUT)?.value : undefined;
  if (given !== undefined && given.kind !== "scalar") return undefined;
  const config = withContainerdStore(given?.text);
  if (config === undefined || !takesConfig(scalarIn(mapping, "uses")?.text.trim().split("@")[1] ?? "")) return undefined;
  return given === undefined ? addInputs(setup, { [INPUT]: config }) : setInput(setup, INPUT, config);
}

/** Its first releases know no configuration. What stands behind `@` may be anything: only a version that is known to be too old is refused. */
function takesConfig(ref: string): boolean {
  const version = versionOf(SETUP_DOCKER, ref);
  const since = actionFacts(SETUP_DOCKER)?.inputs?.find(({ name }) => name === INPUT)?.since;
  const [major = 0, minor = 0] = (since ?? "").replace(/^v/, "").split(".").map(Number);
  return version === undefined || version.major > major || (version.major === major && (version.minor ?? minor) >= minor);
}

function newDocker(first: StepPlace, build: StepPlace, trace: Trace, emulate: boolean): FileEdit | undefined {
  const condition = first.route.at(-1) === build.route.at(-1) ? conditionOf(build) : undefined;
  const docker = newestAs(first.file, SETUP_DOCKER, trace.asOf);
  const qemu = newestAs(first.file, QEMU.action, trace.asOf);
  const config = withContainerdStore(undefined);
  if (docker === undefined || config === undefined || !takesConfig(newestVersion(SETUP_DOCKER, trace.asOf)?.tag ?? "") || (emulate && qemu === undefined))
    return undefined;
  const steps: NewStep[] = [{ name: "Set up Docker", ...docker, if: condition, with: { [INPUT]: config } }];
  if (emulate && qemu !== undefined) steps.push({ name: QEMU.name, ...qemu, if: condition });
  return insertSteps(steps, "before", first);
}

function emulators(build: StepPlace, trace: Trace): FileEdit | undefined {
  const qemu = newestAs(build.file, QEMU.action, trace.asOf);
  return qemu && insertSteps([{ name: QEMU.name, ...qemu, if: conditionOf(build) }], "before", build);
}

/** What leaves something in Docker, or takes something out of it. */
const USES_DOCKER: ReadonlySet<OperationKind> = new Set<OperationKind>([
  ...(["build", "create-builder", "use-context", "create-context", "push-image", "pull-image", "tag-image", "save-image", "load-image"] as const),
  "run-container",
]);

/** The first step of the building step's list in which Docker is used, itself or by what it calls. */
function firstUse({ trace, event }: BuildEvent): StepPlace {
  const build = event.step.place;
  const indexOf = (place: StepPlace): number => place.route.at(-1) as number;
  const used = trace.events.filter(({ operation, step }) => USES_DOCKER.has(operation.kind) && step.index < event.step.index);
  const places = used.flatMap(({ step }) => placeWithin(step, build) ?? []);
  return [...places, build].toSorted((a, b) => indexOf(a) - indexOf(b))[0] ?? build;
}

/** The step, or the step that calls it, in the list of another. */
const placeWithin = (step: TracedStep, other: StepPlace): StepPlace | undefined => [step.place, ...step.calledFrom].find((place) => sameList(place, other));
