import { byCodeUnit } from "../../core/order.ts";
import { formatPlatform } from "../../core/platform.ts";
import type { FileSystem, RunVertex, VertexId } from "../../plan/graph.ts";
import type { RunSettings } from "../run-settings.ts";
import { type PlannedMount, runMounts } from "./run-mounts.ts";
import { networkOf, stageEnvironment } from "./run-program.ts";

/**
 * What decides beside files what a RUN makes, as JSON: of secrets and agents their names and options, of hosts their names, and neither proxies nor where a
 * cache lies. The files are those below it and, in this order, those of {@link mountSources}.
 * @see moby/buildkit solver/llbsolver/ops/exec.go `CacheMap`, read 2026-11-22
 */
export function runKeyParts(vertex: RunVertex, settings: RunSettings): unknown {
  const planned = runMounts(vertex);
  return {
    arguments: vertex.arguments,
    environment: stageEnvironment(vertex, planned),
    workdir: vertex.workdir,
    user: vertex.user,
    platform: formatPlatform(vertex.platform),
    network: networkOf(vertex, settings),
    security: vertex.security ?? "sandbox",
    devices: vertex.devices,
    mounts: byTarget(planned.mounts).map(mountParts),
    variables: planned.variables,
    hosts: settings.hosts.map(({ name }) => name),
    ulimits: settings.ulimits,
    shmBytes: settings.shmBytes ?? null,
  };
}

/** Where the mounts of a RUN take files from, in the order in which its key has them. `selector` is absolute, `/` for all. */
export function mountSources(vertex: RunVertex): readonly { readonly from: VertexId | FileSystem; readonly selector: string }[] {
  return byTarget(runMounts(vertex).mounts).flatMap((mount) =>
    (mount.kind === "files" || (mount.kind === "cache" && mount.access === undefined)) && mount.from !== undefined
      ? [{ from: mount.from, selector: mount.selector }]
      : [],
  );
}

const byTarget = (mounts: readonly PlannedMount[]): readonly PlannedMount[] => mounts.toSorted((a, b) => byCodeUnit(a.target, b.target));

function mountParts(mount: PlannedMount): unknown {
  if (mount.kind === "files") {
    const { from, ...rest } = mount;
    return { ...rest, hasSource: from !== undefined };
  }
  if (mount.kind === "cache") {
    const { from, id: _id, sharing: _sharing, ...rest } = mount;
    return { ...rest, hasSource: from !== undefined };
  }
  return mount;
}
