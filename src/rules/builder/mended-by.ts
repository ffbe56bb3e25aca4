import { latestDocker } from "../../facts/docker.ts";
import type { ResolvedBuilder } from "../../simulate/builder-of.ts";
import { refusalsOf } from "../../simulate/driver-checks.ts";
import type { Builder } from "../../simulate/environment.ts";
import { NO_TEXTS } from "../../simulate/text.ts";
import type { RefusedBuild } from "../refused-build.ts";

/** Whether all that is refused would be done by a builder of the docker-container driver, or by Docker itself with containerd's image store. */
export function mendedBy(refused: RefusedBuild, way: "buildx" | "containerd"): boolean {
  const { at, refusal, next } = refused;
  const resolved = way === "buildx" ? withContainer(refused) : withContainerd(refused);
  const left = refusalsOf(at.build, resolved, at.event.before);
  const told = [refusal, ...next].map(({ feature }) => feature);
  return !left.some(({ certain, feature }) => certain || told.includes(feature));
}

function withContainer({ at, resolved }: RefusedBuild): ResolvedBuilder {
  const fact = { sentence: "a builder is set up", place: at.build.place };
  const endpoint = resolved.endpoint ?? "default";
  const builder: Builder = {
    name: "builder",
    driver: "docker-container",
    endpoint,
    context: undefined,
    nodes: [{ endpoint, platforms: NO_TEXTS }],
    driverOptions: new Map(),
    openOptions: false,
    config: undefined,
    keepState: false,
    fact,
    certain: true,
  };
  return { ...resolved, driver: "docker-container", name: builder.name, builder, missing: undefined, certain: true };
}

function withContainerd({ at, resolved }: RefusedBuild): ResolvedBuilder {
  const { daemon } = resolved;
  const version = daemon?.version ?? latestDocker(at.trace.asOf);
  return {
    ...resolved,
    driver: "docker",
    builder: undefined,
    missing: undefined,
    store: "containerd",
    daemon: daemon === undefined ? undefined : { ...daemon, version, store: "containerd" },
    certain: true,
  };
}
