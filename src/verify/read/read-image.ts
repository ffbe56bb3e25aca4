import { inParallel } from "../../core/in-parallel.ts";
import { type Platform, platformOf } from "../../core/platform.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import type { LayerContents } from "../scan/contents.ts";
import type { PlatformImage, ReadConfig, ReadDocument, Subject, WantedPlatforms } from "../subject.ts";
import { isPlatformImage } from "./candidates.ts";
import { DocumentReader } from "./document-reader.ts";
import type { ImageSource } from "./image-source.ts";
import { layerStacks } from "./layer-stacks.ts";
import { platformNames } from "./platform-names.ts";
import { readAttestations } from "./read-attestations.ts";
import { readConfig } from "./read-config.ts";
import { readLayers } from "./read-layers.ts";
import { satisfies } from "./satisfies.ts";
import { walkDocuments } from "./walk-documents.ts";

export type { ImageSource } from "./image-source.ts";

export interface ReadOptions {
  /**
   * One pass over a layer; asked once for each digest and size.
   * @throws {ProblemError} what is wrong with the layer becomes {@link ImageLayer.problem}; anything else ends the reading
   */
  readonly scan: (layer: Descriptor) => Promise<LayerContents>;
  /** Only layers of these platforms are read; all by default. The documents of every platform are. */
  readonly platforms?: readonly Platform[] | undefined;
  readonly wanted?: WantedPlatforms | undefined;
}

/** What {@link readImage} can tell of a {@link Subject}; comparing and starting come later. */
export type ReadSubject = Omit<Subject, "against" | "smoke">;

const CONFIGS_AT_ONCE = 8;

/**
 * Reads an image as far as it can be read. Whatever is wrong with the image itself is in the result, as the problem of the document or layer where it was met.
 * @throws {ProblemError} only failures of the machine or the network: `registry-unreachable`, `registry-unauthorized`, `file-unreadable`, `interrupted` …
 */
export async function readImage(source: ImageSource, { scan, platforms, wanted }: ReadOptions): Promise<ReadSubject> {
  const reader = new DocumentReader(source);
  const documents = await walkDocuments(source, reader);
  const manifests = documents.filter(isPlatformImage);
  const configs = await inParallel(manifests, CONFIGS_AT_ONCE, (manifest) => configOf(manifest, reader));
  const found = manifests.map((manifest, i) => {
    const config = configs[i] as ReadConfig;
    return { manifest, config, platform: manifest.descriptor.platform ?? platformOf(config.value ?? {}) };
  });
  const chosen = found.filter(({ platform }) => platforms === undefined || platforms.some((one) => satisfies(one, platform)));
  const readings = await readLayers(
    chosen.flatMap(({ manifest }) => manifest.manifest?.layers ?? []),
    source.blobs,
    scan,
  );
  const stackOf = layerStacks(readings);
  const names = platformNames(found.map(({ platform, manifest }) => ({ platform, manifest: manifest.descriptor })));
  const images = found.map(({ manifest, config, platform }, i): PlatformImage => {
    // A layout's index.json tells a platform too.
    const entry = manifest.parent === undefined && manifest.descriptor.platform === undefined ? undefined : manifest.descriptor;
    const stack = stackOf(manifest.where, manifest.manifest?.layers ?? [], config.value);
    // Without its manifest nothing is known of the files, not even that there are none.
    const files = manifest.manifest === undefined ? undefined : stack.files;
    return { name: names[i] as string, platform, entry, manifest, config, ...stack, files };
  });
  return {
    name: source.name,
    root: documents[0] as ReadDocument,
    documents,
    images,
    attestations: await readAttestations(documents, reader),
    wanted,
  };
}

/** The config of a manifest; of one that could not be read a placeholder, with the manifest's descriptor and problem. */
async function configOf(document: ReadDocument, reader: DocumentReader): Promise<ReadConfig> {
  const where = document.where === "" ? "config" : `${document.where} config`;
  if (document.manifest !== undefined) return await readConfig(reader, document.manifest.config, where);
  return { where, descriptor: document.descriptor, problem: document.problem, fields: undefined, value: undefined };
}
