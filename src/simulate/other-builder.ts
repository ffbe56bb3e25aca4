import type { Fact } from "../findings/finding.ts";
import type { ResolvedBuilder } from "./builder-of.ts";
import type { Builder } from "./environment.ts";
import { NO_TEXTS } from "./text.ts";

/** The same build with a builder of the docker-container driver, which someone sets up. @param fact  of its making */
export function withContainerBuilder(resolved: ResolvedBuilder, fact: Fact): ResolvedBuilder {
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

/** The same build with Docker itself and containerd's image store. @param version  of the daemon where it is not known */
export function withContainerdStore(resolved: ResolvedBuilder, version: string): ResolvedBuilder {
  const { daemon } = resolved;
  return {
    ...resolved,
    driver: "docker",
    builder: undefined,
    missing: undefined,
    store: "containerd",
    daemon: daemon === undefined ? undefined : { ...daemon, version: daemon.version ?? version, store: "containerd" },
    certain: true,
  };
}
