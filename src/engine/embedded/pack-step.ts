import { type Digest, Digester, digestOf } from "../../core/digest.ts";
import { MEDIA_TYPE } from "../../core/media-type.ts";
import { byCodeUnit } from "../../core/order.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import { readLayerContents } from "../../image/layer.ts";
import { type PackedLayer, type PackOptions, packLayer } from "../../image/pack.ts";
import { TAR_END, tarHeader, tarPad } from "../../image/tar/writer.ts";
import type { Content } from "./content.ts";
import { type LayerFile, visitLayer } from "./layer-files.ts";

/**
 * Writes a layer into the store, in one pass over its sources; nothing is left of it when it fails.
 * @param onProgress  bytes of the archive so far
 */
export async function packFiles(
  store: BlobStore,
  files: readonly LayerFile[],
  options: PackOptions,
  signal: AbortSignal,
  onProgress?: (bytes: number) => void,
): Promise<PackedLayer> {
  const writer = await store.create();
  try {
    return await packLayer(
      writer,
      options,
      async (write) => {
        await visitLayer(
          files,
          {
            entry: (entry) => write(tarHeader(entry)),
            content: write,
            end: (entry) => (entry.size % 512 === 0 ? undefined : write(tarPad(entry.size))),
          },
          signal,
        );
        await write(TAR_END);
        signal.throwIfAborted();
      },
      onProgress,
    );
  } finally {
    await writer.abort();
  }
}

/**
 * What the files of a layer hold, as one digest over paths and sha256: the same for the same contents, wherever they come from.
 * @param known  told before a file is read; what is read is told to `learn`
 */
export async function digestContents(
  files: readonly LayerFile[],
  signal: AbortSignal,
  known: (content: Content) => Digest | undefined = () => undefined,
  learn: (content: Content, digest: Digest) => void = () => {},
): Promise<Digest> {
  const found: [string, Digest][] = [];
  const contents = new Map<string, Content>();
  const toRead: LayerFile[] = [];
  for (const file of files) {
    const { entry, content } = file;
    if (entry.type !== "file" || content === undefined) continue;
    const digest = content.kind === "bytes" ? digestOf(content.bytes) : content.kind === "fetched" ? content.file.digest : known(content);
    if (digest !== undefined) found.push([entry.path, digest]);
    else {
      contents.set(entry.path, content);
      toRead.push(file);
    }
  }
  let digester = new Digester();
  await visitLayer(
    toRead,
    {
      entry() {
        digester = new Digester();
        return undefined;
      },
      content: (chunk) => void digester.update(chunk),
      end({ path }) {
        const digest = digester.digest();
        found.push([path, digest]);
        learn(contents.get(path) as Content, digest);
        return undefined;
      },
    },
    signal,
  );
  return digestPairs(found);
}

/**
 * The same digest, for a layer that was packed of `files` earlier.
 * @throws {ProblemError} when the blob is damaged
 */
export async function digestPackedContents(store: BlobStore, layer: PackedLayer, files: readonly LayerFile[]): Promise<Digest> {
  const wanted = new Set(files.filter(({ entry }) => entry.type === "file").map(({ entry }) => entry.path));
  const found: [string, Digest][] = [];
  const mediaType = layer.compression === "gzip" ? MEDIA_TYPE.ociLayerGzip : MEDIA_TYPE.ociLayer;
  await readLayerContents(store, { mediaType, digest: layer.digest, size: layer.size }, wanted, (entry) => {
    const digester = new Digester();
    return {
      write: (chunk) => void digester.update(chunk),
      end: () => void found.push([entry.path, digester.digest()]),
    };
  });
  return digestPairs(found);
}

const digestPairs = (pairs: [string, Digest][]): Digest => digestOf(JSON.stringify(pairs.sort(([a], [b]) => byCodeUnit(a, b))));
