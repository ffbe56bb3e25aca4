import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../src/adapters/node/store/store.ts";
import { isIndexType } from "../../src/core/media-type.ts";
import { parseIndex, parseManifest } from "../../src/image/parse.ts";

/**
 * What is wrong with a store: a blob whose name is not its digest, a tag that leads nowhere, a manifest that names what is not there.
 * Blobs are looked at as files, not through the code that wrote them.
 */
export async function defectsOf(folder: string): Promise<string[]> {
  const defects: string[] = [];
  const blobs = new Set<string>();
  const damaged = new Set<string>();
  for (const algorithm of ["sha256", "sha512"]) {
    const home = join(folder, "blobs", algorithm);
    for (const name of existsSync(home) ? readdirSync(home) : []) {
      blobs.add(`${algorithm}:${name}`);
      const real = createHash(algorithm)
        .update(readFileSync(join(home, name)))
        .digest("hex");
      if (real === name) continue;
      defects.push(`blob ${algorithm}:${name} holds ${real}`);
      damaged.add(`${algorithm}:${name}`);
    }
  }
  const store = await openStore(folder);
  try {
    for (const repository of await store.registry.repositories()) {
      for (const tag of (await store.registry.tags(repository)) ?? []) {
        const digest = await store.registry.tag(repository, tag);
        const pending = digest === undefined ? [] : [digest];
        for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
          const record = await store.registry.manifest(repository, next);
          if (record === undefined || !blobs.has(next)) {
            defects.push(`${repository}:${tag} leads to ${next}, which is not there`);
            continue;
          }
          // What it holds is told already, and leads nowhere.
          if (damaged.has(next)) continue;
          const bytes = readFileSync(join(folder, "blobs", next.replace(":", "/")));
          if (isIndexType(record.descriptor.mediaType))
            pending.push(...parseIndex(bytes, record.descriptor.mediaType).value.manifests.map((child) => child.digest));
          else {
            const { config, layers } = parseManifest(bytes, record.descriptor.mediaType).value;
            for (const blob of [config, ...layers]) if (!blobs.has(blob.digest)) defects.push(`${repository}:${tag} needs ${blob.digest}, which is not there`);
          }
        }
      }
    }
  } finally {
    await store.close();
  }
  return defects;
}
