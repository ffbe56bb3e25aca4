import { isDigest } from "../../core/digest.ts";
import { stableJson } from "../../core/stable-json.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { layerMediaType, type PackOptions, packKey, packLayer } from "../../image/pack.ts";
import { decompress } from "../../image/unpack.ts";
import type { Records } from "../records.ts";
import { compressionOf } from "./media-types.ts";

/**
 * A layer of a base with the wanted compression (force-compression): itself when it has it already, else packed anew, once for a store.
 * @param layer  in the store
 * @throws {ProblemError} `layer-unsupported` for a compression that cannot be read here
 */
export async function repackLayer(store: BlobStore, records: Records, layer: Descriptor, pack: PackOptions, signal: AbortSignal): Promise<Descriptor> {
  if (compressionOf(layer.mediaType) === pack.compression) return layer;
  const key = `repack ${layer.digest} ${pack.compression} ${packKey(pack)}`;
  const known = decode(await records.read("steps", key));
  if (known !== undefined && (await store.stat(known.digest)) === known.size) return known;
  const writer = await store.create();
  try {
    const packed = await packLayer(writer, pack, async (write) => {
      for await (const chunk of decompress(store.open(layer.digest))) {
        signal.throwIfAborted();
        await write(chunk);
      }
    });
    const made = { mediaType: layerMediaType(packed.compression, true), digest: packed.digest, size: packed.size };
    await records.write("steps", key, Buffer.from(stableJson(made)));
    return made;
  } finally {
    await writer.abort();
  }
}

function decode(bytes: Uint8Array | undefined): Descriptor | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { mediaType, digest, size } = JSON.parse(Buffer.from(bytes).toString("utf8")) as Partial<Descriptor>;
    return typeof mediaType === "string" && typeof digest === "string" && isDigest(digest) && typeof size === "number"
      ? { mediaType, digest, size }
      : undefined;
  } catch {
    return undefined;
  }
}
