import { latestDocker } from "../../facts/docker.ts";
import { refusalsOf } from "../../simulate/driver-checks.ts";
import { withContainerBuilder, withContainerdStore } from "../../simulate/other-builder.ts";
import type { RefusedBuild } from "../refused-build.ts";

/** Whether all that is refused would be done by a builder of the docker-container driver, or by Docker itself with containerd's image store. */
export function mendedBy({ at, resolved, refusal, next }: RefusedBuild, way: "buildx" | "containerd"): boolean {
  const other =
    way === "buildx"
      ? withContainerBuilder(resolved, { sentence: "a builder is set up", place: at.build.place })
      : withContainerdStore(resolved, latestDocker(at.trace.asOf));
  const left = refusalsOf(at.build, other, at.event.before);
  const told = [refusal, ...next].map(({ feature }) => feature);
  return !left.some(({ certain, feature }) => certain || told.includes(feature));
}
