import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { memoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { memoryRegistryStorage } from "../../src/adapters/memory/registry-storage.ts";
import { nodeClock } from "../../src/adapters/node/clock.ts";
import { diskFolder } from "../../src/adapters/node/disk-folder.ts";
import { serveRegistry } from "../../src/adapters/node/http-server.ts";
import { outputFiles } from "../../src/adapters/node/output/output-files.ts";
import { nodeTransport } from "../../src/adapters/node/transport/http-transport.ts";
import type { Clock } from "../../src/core/clock.ts";
import { parsePlatform } from "../../src/core/platform.ts";
import { type CacheWritePorts, exportCaches } from "../../src/engine/cache/export-caches.ts";
import { openCacheSources } from "../../src/engine/cache/open-sources.ts";
import { parseCacheFrom, parseCacheTo } from "../../src/engine/cache/parse-caches.ts";
import type { CacheEntry, CacheSource } from "../../src/engine/cache-entry.ts";
import type { BuildResult } from "../../src/engine/engine.ts";
import type { BuildEvent } from "../../src/engine/event.ts";
import type { BlobStore } from "../../src/image/blob-store.ts";
import { createRegistryClient } from "../../src/registry/client/create.ts";
import { registryHandler } from "../../src/registry/server/handler.ts";

/** The embedded registry in memory, on a free port of loopback. */
export async function memoryRegistry(): Promise<{ readonly host: string; readonly blobs: BlobStore; readonly log: string[] }> {
  const blobs = memoryBlobStore();
  const log: string[] = [];
  const server = await serveRegistry({
    listen: "127.0.0.1:0",
    handler: registryHandler(memoryRegistryStorage(), blobs, { clock: nodeClock }),
    log: ({ method, url, status }) => void log.push(`${method} ${url} ${status}`),
  });
  onTestFinished(() => server.close());
  return { host: new URL(server.url).host, blobs, log };
}

/** What reads and writes caches on this machine, with what it tells. Waits for nothing where a registry is tried again. */
export function cachePlaces() {
  const cwd = mkdtempSync(join(tmpdir(), "multihull-cache-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const clock: Clock = { ...nodeClock, sleep: async (_, signal) => signal?.throwIfAborted() };
  const registry = createRegistryClient({
    transport: nodeTransport({ env: {}, certsDirs: [] }),
    credentials: { for: async () => undefined },
    clock,
    options: {},
  });
  onTestFinished(() => registry.close());
  const events: BuildEvent[] = [];
  const ports: CacheWritePorts = { registry, files: outputFiles({ stdout: process.stdout, cwd }), clock, events: { emit: (event) => void events.push(event) } };
  return {
    cwd,
    events,
    warnings: (): string[] => events.flatMap((event) => (event.type === "warning" ? [event.message] : [])),
    write: (result: BuildResult, targets: string | readonly string[], pushed: Parameters<typeof exportCaches>[3] = [], signal?: AbortSignal) =>
      exportCaches(result, parseCacheTo([targets].flat()).specs, signal === undefined ? ports : { ...ports, signal }, pushed),
    open: (from: string | readonly string[], platforms: readonly string[] = ["linux/amd64", "linux/arm64"], signal?: AbortSignal): readonly CacheSource[] =>
      openCacheSources(parseCacheFrom([from].flat()).specs, {
        registry,
        folder: (path) => diskFolder(resolve(cwd, path)),
        platforms: platforms.map((platform) => parsePlatform(platform)),
        events: ports.events,
        clock,
        ...(signal === undefined ? {} : { signal }),
      }),
    registry,
  };
}

/** What of a build's steps a source has, each with its bytes read and checked. */
export async function readAll(source: CacheSource, steps: readonly CacheEntry[]): Promise<Omit<CacheEntry, "published">[]> {
  const found: Omit<CacheEntry, "published">[] = [];
  for (const { key } of steps) {
    const entry = await source.find(key);
    if (entry === undefined) continue;
    for await (const _ of source.open(entry.layer.digest));
    found.push(entry);
  }
  return found;
}
