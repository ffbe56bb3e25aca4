import { attestationsOf } from "../../simulate/attestations.ts";
import { builderOf } from "../../simulate/builder-of.ts";
import type { Build } from "../../simulate/operation.ts";
import { severalPlatforms } from "../../simulate/platform-count.ts";
import type { Event, Trace, WorkflowStudy } from "../../simulate/trace.ts";
import { type ImageName, imageKey } from "../registry/image-name.ts";
import { type Push, pushesIn } from "../registry/pushes.ts";
import { buildOf, platformsOf } from "./built-platforms.ts";
import { sameRun, walksByScenario } from "./same-run.ts";

/** An image that a workflow builds and pushes. */
export interface Published {
  readonly push: Push;
  readonly trace: Trace;
  readonly build: Build;
  /** Whether what lies in the registry is an index; undefined where nobody knows. */
  readonly isIndex: boolean | undefined;
  /** Why it is one. */
  readonly why: "platforms" | "attestations" | undefined;
  /** Undefined where nobody knows. */
  readonly platforms: readonly string[] | undefined;
}

const known = new WeakMap<WorkflowStudy, ReadonlyMap<string, readonly Published[]>>();

/** Images that the run of a walk may publish under a name: those of its own job, and of others. */
export function publishedAs(image: ImageName, trace: Trace, workflow: WorkflowStudy): readonly Published[] {
  const key = imageKey(image);
  if (key === undefined && !image.byDigest) return [];
  const wanted = key ?? `${image.repository}@`;
  return (byNameIn(workflow).get(`${trace.scenario.id}\n${wanted}`) ?? []).filter(
    (one) => one.trace === trace || (one.trace.job !== trace.job && sameRun(one.trace, trace)),
  );
}

/** By scenario and name; and by repository, for what is pulled by digest. */
function byNameIn(workflow: WorkflowStudy): ReadonlyMap<string, readonly Published[]> {
  const before = known.get(workflow);
  if (before !== undefined) return before;
  const byName = new Map<string, Published[]>();
  const add = (key: string, one: Published): void => {
    const there = byName.get(key);
    if (there === undefined) byName.set(key, [one]);
    else there.push(one);
  };
  for (const [scenario, traces] of walksByScenario(workflow)) {
    for (const trace of traces) {
      for (const push of pushesIn(trace)) {
        const one = push.what === "image" ? publishedBy(push, trace) : undefined;
        if (one === undefined) continue;
        const key = imageKey(push.image);
        if (key !== undefined && push.byDigest === false) add(`${scenario}\n${key}`, one);
        add(`${scenario}\n${push.image.repository}@`, one);
      }
    }
  }
  known.set(workflow, byName);
  return byName;
}

function publishedBy(push: Push, trace: Trace): Published | undefined {
  const build = buildOf(push, trace);
  if (build === undefined) return undefined;
  const made = trace.events.find(({ operation }) => operation === build) as Event;
  const { isIndex, why } = kindOf(build, made, push.event !== made);
  return { push, trace, build, isIndex, why, platforms: platformsOf(build, trace) };
}

/** @param fromStore  it went through Docker's image store, and was pushed from there */
function kindOf(build: Build, event: Event, fromStore: boolean): Pick<Published, "isIndex" | "why"> {
  const several = severalPlatforms(build.platforms);
  if (several === true) return { isIndex: true, why: "platforms" };
  const resolved = builderOf(build, event.before);
  if (build.through === "other" || build.through === "goreleaser") return { isIndex: undefined, why: undefined };
  // The classic store holds no attestation.
  if (fromStore && resolved.store === "classic") return { isIndex: several, why: undefined };
  const { provenance, sbom } = attestationsOf(build, resolved, event.before);
  if ((provenance !== undefined && provenance !== "none") || sbom === true) return { isIndex: resolved.certain ? true : undefined, why: "attestations" };
  return { isIndex: provenance === "none" && sbom === false ? several : undefined, why: undefined };
}
