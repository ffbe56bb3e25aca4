import { remembered } from "../../core/remembered.ts";
import type { Place } from "../../core/span.ts";
import type { Study, Trace } from "../../simulate/trace.ts";
import { baseName, namedImage, publishingOf } from "../published.ts";
import { type BuildEvent, isBuildEvent } from "../rule.ts";
import { dockerfileOf } from "../same-build.ts";

/** One place that builds an image, with what the simulation saw there. */
export interface BuildSite {
  readonly place: Place;
  /** Builds that a pull request or a push to a branch brings about. */
  readonly tried: readonly BuildEvent[];
  /** Builds that push when a tag is pushed, a release is made, or someone starts the workflow. */
  readonly published: readonly BuildEvent[];
  /** The Dockerfile's path; undefined where it is not known, or is another each time. */
  readonly dockerfile: string | undefined;
  /** Last parts of the names it gives the image, such as `operator`. */
  readonly names: ReadonlySet<string>;
  /** It goes on to something else than an image of its own name: a stage for tests. */
  readonly trial: boolean;
}

const TRIES = new Set<string>(["default-branch", "branch", "same-repository", "fork", "merge-group"]);
const RELEASES = new Set<string>(["tag", "release", "dispatch"]);

/** By the place of the build, in the order of files. */
export const buildSites: (study: Study) => readonly BuildSite[] = remembered(sitesOf);

function sitesOf(study: Study): readonly BuildSite[] {
  const byPlace = new Map<string, BuildEvent[]>();
  for (const trace of study.workflows.flatMap(({ jobs }) => jobs.flatMap((job) => job.traces))) {
    for (const at of buildsIn(trace)) {
      const { place, name } = at.build;
      // A bake target is where it is asked for: its own place is the same for all.
      const { file, route } = at.event.step.place;
      const key = [file.name, route.join("/"), place.file.name, place.span.start, name ?? ""].join("\n");
      const there = byPlace.get(key);
      if (there === undefined) byPlace.set(key, [at]);
      else there.push(at);
    }
  }
  return [...byPlace.values()].map(siteOf);
}

function* buildsIn(trace: Trace): Iterable<BuildEvent> {
  for (const event of trace.events) if (isBuildEvent(event) && !event.operation.onlyAsks) yield { build: event.operation, event, trace };
}

function siteOf(events: readonly BuildEvent[]): BuildSite {
  const files = new Set(events.map(dockerfileOf));
  const [first] = events as [BuildEvent];
  const names = events.flatMap(({ build }) => build.tags.items.flatMap((tag) => namedImage(tag)?.repository ?? []));
  return {
    place: first.build.place,
    tried: events.filter(({ trace }) => TRIES.has(trace.scenario.kind)),
    published: events.filter(({ trace, build }) => RELEASES.has(trace.scenario.kind) && publishingOf(build).pushes === true),
    dockerfile: files.size === 1 ? dockerfileOf(first) : undefined,
    names: new Set(names.map(baseName).filter((name) => name !== "" && !name.includes("$"))),
    trial: events.every(({ build }) => build.tags.items.length === 0),
  };
}

/** Two sites of one image: the same Dockerfile and stage, or the same name. */
export function isSameImage(a: BuildSite, b: BuildSite): boolean {
  const sameName = [...a.names].some((name) => b.names.has(name));
  if (a.names.size > 0 && b.names.size > 0) return sameName;
  return a.dockerfile !== undefined && a.dockerfile === b.dockerfile;
}
