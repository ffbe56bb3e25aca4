import { buildkitImageEmulates } from "../../facts/buildx.ts";
import type { FileEdit, Remedy } from "../../findings/finding.ts";
import type { LostBuilder } from "../../simulate/builder-of.ts";
import type { Feature } from "../../simulate/driver-checks.ts";
import type { Build } from "../../simulate/operation.ts";
import { shownText } from "../../simulate/text.ts";
import type { Event, StepPlace, TracedStep } from "../../simulate/trace.ts";
import { foreignRuns } from "../emulated-runs.ts";
import type { RefusedBuild } from "../refused-build.ts";
import { containerdStore } from "../remedies/containerd-store.ts";
import { removeInput } from "../remedies/inputs.ts";
import { sameList } from "../remedies/layout.ts";
import { advice, remedy } from "../remedies/remedy.ts";
import { countsOnDocker, leavesTheStore, setUpBuilder } from "../remedies/set-up-builder.ts";
import { moveStep, removeCondition } from "../remedies/steps.ts";
import { addFlag, useBuildx } from "../remedies/texts.ts";
import type { BuildEvent } from "../rule.ts";
import { laterUse } from "./later-use.ts";
import { mendedBy } from "./mended-by.ts";

/** Ways out for a build that the docker driver refuses, the best first: each mends all that it would refuse, not only what the log tells first. */
export function waysOut(refused: RefusedBuild): readonly Remedy[] {
  const { at } = refused;
  const runs = foreignRuns(at);
  const withBuilder = mendedBy(refused, "buildx") ? [builderWay(refused)] : [];
  // BuildKit's own image brings emulators; Docker does not.
  const withStore = mendedBy(refused, "containerd") ? [containerdStore(at, { emulate: runs === undefined || runs.length > 0 })] : [];
  // What a later step takes out of Docker's store would not be there with a builder of Buildx.
  const needsStore = !leavesTheStore(at.build) && laterUse(at.build, at.event, at.trace) !== undefined;
  return [...(needsStore ? [...withStore, ...withBuilder] : [...withBuilder, ...withStore]), ...withLess(refused)];
}

/** To the builder that is there already, where there is one: a second one would help as well, but nobody needs two. */
function builderWay(refused: RefusedBuild): Remedy {
  const { at, why } = refused;
  const existing = existingWay(refused);
  if (existing?.fix !== undefined || (existing !== undefined && why.kind === "named")) return existing;
  const rare = foreignRuns(at)?.some(({ platform }) => buildkitImageEmulates(platform.architecture) !== true) === true;
  return setUpBuilder(at, { emulate: rare, hostNetwork: namesLocalRegistry(at.build) });
}

/** The container of a builder has a localhost of its own. */
const namesLocalRegistry = ({ tags, outputs, cacheTo }: Build): boolean =>
  [...tags.items, ...outputs.items, ...cacheTo.items].some((text) => /(?:^|[=,"])(?:localhost|127\.0\.0\.1):\d/.test(shownText(text)));

const FREE = "nothing: the builder is there already";

const ONLY_LOADED = "images are in Docker's own store only when they are loaded";

function existingWay({ at, why }: RefusedBuild): Remedy | undefined {
  const safety = countsOnDocker(at) ? "unsafe" : "safe";
  const way = (title: string, price: string, edit: FileEdit | undefined): Remedy => remedy({ title, price, with: "buildx", safety }, [edit]);
  if (why.kind === "later") return way("move the step that sets up the builder before this one", FREE, moveHere(why.step, at.event));
  if (why.kind === "skipped")
    return way("let the step that sets up the builder run in every case", "some seconds in runs that did without the builder", removeCondition(why.step.place));
  if (why.kind === "driver-docker")
    return way("take `driver: docker` out, so that the step makes a builder of its own", ONLY_LOADED, removeInput(why.step.place, "driver"));
  if (why.kind === "named") return advice("do not name the docker driver's own builder, and set up one with Buildx", ONLY_LOADED);
  return why.kind === "lost" ? lostWay(at, why.lost) : undefined;
}

function lostWay({ build, event, trace }: BuildEvent, { builder, why }: LostBuilder): Remedy | undefined {
  if (why === "docker-build") {
    const safety = leavesTheStore(build) ? "safe" : "unsafe";
    return remedy({ title: "write `docker buildx build`, which takes the chosen builder", price: FREE, with: "buildx", safety }, [useBuildx(build.place)]);
  }
  const maker = makerOf(trace.events, builder.name);
  if (maker === undefined) return undefined;
  const safety = countsOnDocker({ build, event, trace }) ? "unsafe" : "safe";
  if (why === "context-changed") {
    const edit = usedBetween(trace.events, maker, event) ? undefined : moveHere(maker.step, event);
    return remedy({ title: "set up the builder after the Docker context has changed", price: FREE, with: "buildx", safety }, [edit]);
  }
  return why === "not-used" ? remedy({ title: "choose the builder where it is made", price: FREE, with: "buildx", safety }, [chosen(maker)]) : undefined;
}

function chosen({ step, operation }: Event): FileEdit | undefined {
  if (step.action === "docker/setup-buildx-action") return removeInput(step.place, "use");
  return operation.kind === "create-builder" ? addFlag(operation.place, "--use") : undefined;
}

/** Before the step that builds, or that calls what builds. */
function moveHere(step: TracedStep, { step: build }: Event): FileEdit | undefined {
  const target = placesOf(build).find((place) => sameList(place, step.place));
  return target === undefined ? undefined : moveStep(step.place, target);
}

const placesOf = ({ place, calledFrom }: TracedStep): readonly StepPlace[] => [place, ...calledFrom];

const makerOf = (events: readonly Event[], name: string): Event | undefined =>
  events.findLast(({ after, before }) => after.builders.has(name) && !before.builders.has(name));

/** A build between the making of the builder and this build takes it. */
function usedBetween(events: readonly Event[], maker: Event, build: Event): boolean {
  const [from, to] = [events.indexOf(maker), events.indexOf(build)];
  return events.slice(from + 1, to).some(({ operation }) => operation.kind === "build" || operation.kind === "create-index");
}

const LESS: Partial<Record<Feature, Remedy>> = {
  "several-platforms": advice("build only the platform that is published", "the image runs on that platform alone"),
  "cache-export": advice("export the cache with the image, as `type=inline`, or not at all", "an inline cache holds only the last stage"),
  attestations: advice("ask for no attestations (`provenance: false`, `sbom: false`)", "the image comes without provenance and SBOM"),
  "docker-exporter": advice("load the image into Docker, and write the archive with `docker save`", "one more step"),
};

/** What is asked for can be less, where only one thing is too much. */
function withLess({ refusal, next }: RefusedBuild): readonly Remedy[] {
  const less = LESS[refusal.feature];
  return less === undefined || next.length > 0 ? [] : [less];
}
