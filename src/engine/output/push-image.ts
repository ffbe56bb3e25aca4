import { inParallel } from "../../core/in-parallel.ts";
import { formatReference, type Reference } from "../../core/reference.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { BuildResult } from "../engine.ts";
import type { ExportPorts } from "./ports.ts";
import { contentOf, manifestsOf, rootOf } from "./result-images.ts";
import { step } from "./step.ts";

/** Blobs that move to one registry at a time: more does not fill a line better, and registries count requests. */
const BLOBS_AT_ONCE = 5;

/**
 * Pushes a result under all `names`: in each repository blobs first, then manifests, then the index by digest, and tags last, so that no name ever
 * leads to something incomplete. A layer that a repository of the same registry has is mounted, and never read.
 * @throws {ProblemError} `registry-*`
 */
export async function pushImage(result: BuildResult, names: readonly Reference[], ports: ExportPorts): Promise<void> {
  const repositories = new Map<string, Reference[]>();
  for (const name of names) {
    const key = `${name.registry}/${name.repository}`;
    repositories.set(key, [...(repositories.get(key) ?? []), name]);
  }
  // One repository after the other: what went to the first is mounted into the next one of the same registry.
  const pushed: Reference[] = [];
  for (const [key, tagged] of repositories) {
    const [repository] = tagged as [Reference];
    await step(ports, `push ${key}`, `pushing layers to ${key}`, () => pushContent(result, repository, pushed, ports));
    await step(ports, `push ${key} manifests`, `pushing manifests to ${key}`, () => pushManifests(result, repository, ports));
    for (const name of tagged) if (name.tag !== undefined) await tag(result, name, ports);
    pushed.push(repository);
  }
}

async function pushContent(result: BuildResult, to: Reference, pushedBefore: readonly Reference[], ports: ExportPorts): Promise<void> {
  const before = pushedBefore.filter((other) => other.registry === to.registry).map((other) => other.repository);
  await inParallel(contentOf(result), BLOBS_AT_ONCE, (blob) => pushBlob(result, blob, to, before, ports));
}

async function pushBlob(result: BuildResult, blob: Descriptor, to: Reference, before: readonly string[], ports: ExportPorts): Promise<void> {
  ports.signal?.throwIfAborted();
  const origins = result.images.flatMap((image) => image.origins.get(blob.digest) ?? []);
  const mountFrom = [...new Set([...before, ...origins.filter((o) => o.registry === to.registry).map((o) => o.repository)])].filter(
    (repository) => repository !== to.repository,
  );
  const emit = (doneBytes: number): void =>
    ports.events.emit({ type: "transfer", direction: "push", blob: blob.digest, doneBytes, totalBytes: blob.size, atMs: ports.clock.nowMs() });
  const how = await ports.registry.putBlob(
    to,
    { digest: blob.digest, size: blob.size, open: () => result.blobs.open(blob.digest) },
    { mountFrom, onProgress: emit, ...(ports.signal === undefined ? {} : { signal: ports.signal }) },
  );
  if (how === "uploaded") emit(blob.size);
  else ports.events.emit({ type: "transfer-saved", blob: blob.digest, how, bytes: blob.size, atMs: ports.clock.nowMs() });
}

async function pushManifests(result: BuildResult, to: Reference, ports: ExportPorts): Promise<void> {
  const put = ({ descriptor, bytes }: BuildResult["images"][number]["manifest"] | NonNullable<BuildResult["index"]>): Promise<void> =>
    ports.registry.putManifest(
      { registry: to.registry, repository: to.repository, digest: descriptor.digest },
      descriptor.mediaType,
      bytes,
      ports.signal === undefined ? {} : { signal: ports.signal },
    );
  await inParallel(manifestsOf(result), BLOBS_AT_ONCE, put);
  if (result.index !== undefined) await put(result.index);
}

async function tag(result: BuildResult, name: Reference, ports: ExportPorts): Promise<void> {
  const { descriptor, bytes } = rootOf(result);
  const full = formatReference(name);
  await step(ports, `tag ${full}`, `naming it ${full}`, () =>
    ports.registry.putManifest(name, descriptor.mediaType, bytes, ports.signal === undefined ? {} : { signal: ports.signal }),
  );
}
