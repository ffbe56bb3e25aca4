import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../../../core/digest.ts";
import { Digester, hexOf } from "../../../core/digest.ts";
import type { Platform } from "../../../core/platform.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { Sandbox } from "../../../engine/sandbox.ts";
import type { ByteStream } from "../../../image/blob-store.ts";
import { withLock } from "../store/lock.ts";
import { removeFreeCaches } from "./cache-folder.ts";
import { runInWarden } from "./run-in-warden.ts";
import type { Warden } from "./warden.ts";
import { askWarden, interrupted, jsonOf } from "./warden-request.ts";
import { WORLDS } from "./world-words.ts";

/** Layers asked for at once: their names are in the request's first line, which HTTP keeps short. */
const ASK_AT_ONCE = 100;

/**
 * A sandbox whose work a warden does.
 * @param emulated  whether a platform's programs run by an emulator, as far as that is known
 */
export function sandboxClient(warden: Warden, emulated: (platform: Platform) => boolean): Sandbox {
  const { address, area, lease } = warden;
  const known = new Set<Digest>();

  const unpacked: Sandbox["unpacked"] = async (layers) => {
    const unknown = [...new Set(layers)].filter((layer) => !known.has(layer));
    for (let at = 0; at < unknown.length; at += ASK_AT_ONCE) {
      const asked = unknown.slice(at, at + ASK_AT_ONCE).map(hexOf);
      const there = await jsonOf<string[]>(await askWarden(address, { method: "GET", path: `/layers?have=${asked.join(",")}` }));
      for (const layer of there) known.add(`sha256:${layer}` as Digest);
    }
    return new Set(layers.filter((layer) => known.has(layer)));
  };
  /** The warden, which is far, tells only what is whole; what is absent everybody can see. */
  const isThere = async (layer: Digest): Promise<boolean> => existsSync(join(area, "layers", hexOf(layer))) && (await unpacked([layer])).has(layer);
  /** One process at a time puts a layer in place. */
  const alone = async (layer: Digest, signal: AbortSignal | undefined, act: () => Promise<void>): Promise<void> => {
    const path = `${area}/run/${hexOf(layer)}.lock`;
    await withLock(
      path,
      lease,
      async () => {
        if (await isThere(layer)) return;
        await act();
        known.add(layer);
      },
      { lookAgainMs: 10, ...(signal === undefined ? {} : { signal }) },
    );
  };

  return {
    notes: WORLDS[warden.world].notes,
    unpacked,
    async unpack(layer, archive, signal) {
      if (await isThere(layer)) return;
      try {
        await alone(layer, signal, async () => {
          const path = `/layers/${hexOf(layer)}`;
          try {
            await askWarden(address, { method: "PUT", path, body: checked(archive, layer), signal });
          } catch (error) {
            // Answers when what there was of it is gone; a warden that has ended has nothing to remove.
            await askWarden(address, { method: "DELETE", path }).catch(() => {});
            throw error;
          }
        });
      } catch (error) {
        throw signal.aborted ? interrupted() : error;
      }
    },
    run: (program, signal) =>
      runInWarden(warden, program, emulated(program.platform), randomBytes(8).toString("hex"), signal, (layer, act) => alone(layer, undefined, act)),
    emptyCache: (id) =>
      removeFreeCaches(area, id, lease, async (key) => {
        await askWarden(address, { method: "DELETE", path: `/caches/${key}` });
      }),
    close: warden.close,
  };
}

/** The archive; broken off before its end when it is not the layer's. */
async function* checked(archive: ByteStream, layer: Digest): ByteStream {
  const digester = new Digester();
  // Nothing is sent before the next is there: the end is only sent once the digest is known.
  for await (const chunk of archive) {
    digester.update(chunk);
    // The sender may give its chunks' memory to the next ones, and sockets write late.
    yield Buffer.from(chunk);
  }
  const got = digester.digest();
  if (got !== layer) {
    throw new ProblemError("diff-id-mismatch", {
      message: `a layer's uncompressed content is ${got}, wanted ${layer}`,
      hint: "the image is damaged, or its config names other layers than its manifest: build or pull it again",
      facts: { got, wanted: layer },
    });
  }
}
