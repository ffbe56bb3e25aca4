import { resolve } from "node:path";
import { diskFolder } from "../adapters/node/disk-folder.ts";
import type { World } from "../adapters/node/world.ts";
import type { Platform } from "../core/platform.ts";
import { openCacheSources } from "../engine/cache/open-sources.ts";
import { parseCacheFrom, parseCacheTo } from "../engine/cache/parse-caches.ts";
import type { CacheFrom, CacheTo } from "../engine/cache/spec.ts";
import type { CacheSource } from "../engine/cache-entry.ts";
import type { EventSink } from "../engine/event.ts";
import type { RegistryClient } from "../registry/client/client.ts";

/** What --cache-from and --cache-to ask for, before anything is opened. `to` is for `exportCaches`. */
export interface Caches {
  readonly from: readonly CacheFrom[];
  readonly to: readonly CacheTo[];
  /** For `BuildOptions.inlineCache`. */
  readonly inline: boolean;
  /** Registries with `registry.insecure=true`: the client must be told. */
  readonly insecureRegistries: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws {ProblemError} `usage` | `feature-unsupported` | `reference-malformed` | `digest-malformed` */
export function parseCaches(request: { readonly cacheFrom?: readonly string[] | undefined; readonly cacheTo?: readonly string[] | undefined }): Caches {
  const from = parseCacheFrom(request.cacheFrom ?? []);
  const to = parseCacheTo(request.cacheTo ?? []);
  return {
    from: from.specs,
    to: to.specs,
    inline: to.specs.some(({ type }) => type === "inline"),
    insecureRegistries: [...new Set([...from.specs, ...to.specs].flatMap((spec) => (spec.type === "registry" && spec.insecure ? [spec.ref.registry] : [])))],
    warnings: [...from.warnings, ...to.warnings],
  };
}

/** For `BuildOptions.cacheFrom`. Nothing is read yet; paths are relative to where the user stands. */
export function openCaches(
  caches: Caches,
  world: World,
  ports: {
    readonly client: RegistryClient;
    readonly platforms: readonly Platform[];
    readonly events: EventSink;
    readonly signal?: AbortSignal | undefined;
  },
): readonly CacheSource[] {
  return openCacheSources(caches.from, {
    registry: ports.client,
    folder: (path) => diskFolder(resolve(world.cwd, path)),
    platforms: ports.platforms,
    events: ports.events,
    clock: world.clock,
    ...(ports.signal === undefined ? {} : { signal: ports.signal }),
  });
}

/** Nothing is read or written. */
export const NO_CACHES: Caches = { from: [], to: [], inline: false, insecureRegistries: [], warnings: [] };
