import type { Store } from "../adapters/node/store/store.ts";
import type { Reference } from "../core/reference.ts";
import type { ImageNames } from "../engine/output/ports.ts";
import { type BlobReader, putBytes, readBytes } from "../image/blob-store.ts";
import type { Descriptor } from "../image/descriptor.ts";
import type { Document, Index, Manifest } from "../image/manifest.ts";
import { parseManifest } from "../image/parse.ts";

/**
 * The repository of the embedded registry under which an image is kept: `docker.io/library/app` and `127.0.0.1:5000/app` lose their
 * registry, any other name has it as its first part (`ghcr.io/org/app`), a port behind a dash.
 */
export function keptRepository(name: Pick<Reference, "registry" | "repository">): string {
  if (name.registry === "docker.io" || /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(name.registry)) return name.repository;
  return `${name.registry.toLowerCase().replaceAll(/[[\]]/g, "").replaceAll(":", "-")}/${name.repository}`;
}

/** Keeps images as the embedded registry's: the blobs that are missing are brought into the store, the tag moves last. */
export function storeNames(store: Pick<Store, "blobs" | "registry">): ImageNames {
  const keepBlob = async (repository: string, { digest, size }: Descriptor, from: BlobReader): Promise<void> => {
    if ((await store.blobs.stat(digest)) === undefined) {
      const writer = await store.blobs.create();
      try {
        for await (const chunk of from.open(digest)) await writer.write(chunk);
        await writer.commit({ digest, size });
      } finally {
        await writer.abort();
      }
    }
    await store.registry.linkBlob(repository, digest);
  };
  const keepDocument = async (repository: string, { bytes, descriptor }: Document<Index | Manifest>, tags: readonly string[]): Promise<void> => {
    await putBytes(store.blobs, bytes);
    const { mediaType, digest, size } = descriptor;
    await store.registry.putManifest(repository, { descriptor: { mediaType, digest, size } }, tags);
  };
  return {
    async record(name, root, from) {
      const repository = keptRepository(name);
      for (const image of await imagesOf(root, from)) {
        for (const blob of [image.value.config, ...image.value.layers]) await keepBlob(repository, blob, from);
        if (image.descriptor.digest !== root.descriptor.digest) await keepDocument(repository, image, []);
      }
      await keepDocument(repository, root, name.tag === undefined ? [] : [name.tag]);
    },
  };
}

async function imagesOf(root: Document<Index> | Document<Manifest>, from: BlobReader): Promise<readonly Document<Manifest>[]> {
  if (!("manifests" in root.value)) return [root as Document<Manifest>];
  return await Promise.all(root.value.manifests.map(async ({ digest, mediaType }) => parseManifest(await readBytes(from, digest), mediaType)));
}
