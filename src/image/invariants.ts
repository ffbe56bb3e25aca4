import type { Digest } from "../core/digest.ts";
import { isIndexType, isManifestType, MEDIA_TYPE } from "../core/media-type.ts";
import { formatPlatform, type Platform, platformOf } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import type { BlobReader } from "./blob-store.ts";
import type { Descriptor } from "./descriptor.ts";
import { indexLayer, sized } from "./layer.ts";
import type { Index, Manifest } from "./manifest.ts";
import { parseConfig } from "./parse.ts";
import { readDocument, readSmall } from "./walk.ts";

/** Something of an image that does not fit together. */
export interface Breach {
  /** `manifests[1] linux/arm64 layers[2]`; empty for the image itself. */
  readonly where: string;
  /** Both sides: `its descriptor says 512 bytes, content has 498`. */
  readonly message: string;
}

/**
 * Recomputes what an image tells of itself and compares: digests and sizes of every blob, diff_ids, the number of layers, the platform of an index's entry and of
 * its config. Streams each layer once, however many platforms share it.
 * @returns what does not fit, in the image's order; empty when everything does
 * @throws what is neither the image's nor its source's fault
 */
export async function invariantsOf(source: BlobReader, root: Descriptor): Promise<Breach[]> {
  const audit = new Audit(source);
  await audit.document(root, "");
  return audit.breaches;
}

const IMAGE_CONFIGS: readonly string[] = [MEDIA_TYPE.ociConfig, MEDIA_TYPE.dockerConfig];
const INDEX_DEPTH_LIMIT = 8;

class Audit {
  readonly breaches: Breach[] = [];
  readonly #source: BlobReader;
  /** Layers that were read: their diff_id, undefined when they are unsound (and told of). */
  readonly #diffIds = new Map<Digest, Digest | undefined>();

  constructor(source: BlobReader) {
    this.#source = source;
  }

  async document(descriptor: Descriptor, where: string, depth = 0): Promise<void> {
    const document = await this.#attempt(where, () => readDocument(this.#source, descriptor));
    if (document === undefined) return;
    if (document.kind === "manifest") await this.#manifest(document.value, descriptor.platform, where);
    else if (depth < INDEX_DEPTH_LIMIT) await this.#index(document.value, where, depth);
    else this.#tell(where, `indexes lie deeper than ${INDEX_DEPTH_LIMIT} levels`);
  }

  async #index(index: Index, where: string, depth: number): Promise<void> {
    for (const [i, child] of index.manifests.entries()) {
      const here = join(where, `manifests[${i}]${child.platform === undefined ? "" : ` ${formatPlatform(child.platform)}`}`);
      if (isIndexType(child.mediaType) || isManifestType(child.mediaType)) await this.document(child, here, depth + 1);
      else await this.#blob(child, here);
    }
  }

  async #manifest(manifest: Manifest, platform: Platform | undefined, where: string): Promise<void> {
    const { config, layers } = manifest;
    if (!IMAGE_CONFIGS.includes(config.mediaType)) {
      // An artifact: what its parts mean is not ours to know.
      await this.#blob(config, join(where, "config"));
      for (const [i, layer] of layers.entries()) await this.#blob(layer, join(where, `layers[${i}]`));
      return;
    }
    const read = await this.#attempt(join(where, "config"), async () => parseConfig(await readSmall(this.#source, config)));
    const diffIds = read?.rootfs.diff_ids;
    if (diffIds !== undefined && diffIds.length !== layers.length) {
      this.#tell(join(where, "config"), `rootfs.diff_ids has ${diffIds.length} members, the manifest has ${layers.length} layers`);
    }
    if (read !== undefined && platform !== undefined) {
      const told = formatPlatform(platform);
      const own = platformOf(read);
      // An index may leave out an operating system's version.
      const { "os.version": _, ...bare } = own;
      const got = formatPlatform(platform["os.version"] === undefined ? bare : own);
      if (got !== told) this.#tell(join(where, "config"), `the config is of ${got}, the index says ${told}`);
    }
    for (const [i, layer] of layers.entries()) await this.#layer(layer, diffIds?.[i], join(where, `layers[${i}]`));
  }

  async #layer(layer: Descriptor, wanted: Digest | undefined, where: string): Promise<void> {
    if (layer.urls !== undefined && (await this.#source.stat(layer.digest)) === undefined) return;
    // Attestations are layers that hold a document, no archive: their diff_id is their digest.
    const isArchive = /\btar\b/.test(layer.mediaType);
    let got: Digest | undefined;
    if (this.#diffIds.has(layer.digest)) got = this.#diffIds.get(layer.digest);
    else {
      got = isArchive
        ? await this.#attempt(where, async () => (await indexLayer(this.#source, layer)).diffId)
        : (await this.#blob(layer, where))
          ? layer.digest
          : undefined;
      this.#diffIds.set(layer.digest, got);
    }
    if (got !== undefined && wanted !== undefined && got !== wanted) this.#tell(where, `the config's diff_id is ${wanted}, the unpacked content has ${got}`);
  }

  /** Digest and size only. */
  async #blob(descriptor: Descriptor, where: string): Promise<boolean> {
    const ok = await this.#attempt(where, async () => {
      for await (const _ of sized(this.#source.open(descriptor.digest), descriptor));
      return true;
    });
    return ok === true;
  }

  /** What `read` gives, or undefined when it meets a problem, which is told. */
  async #attempt<T>(where: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isProblem(error)) throw error;
      this.#tell(where, error.message);
      return undefined;
    }
  }

  #tell(where: string, message: string): void {
    this.breaches.push({ where, message });
  }
}

const join = (where: string, part: string): string => (where === "" ? part : `${where} ${part}`);
