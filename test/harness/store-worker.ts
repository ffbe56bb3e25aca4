/**
 * A process at work on a store, for tests: `store-worker.ts FOLDER JOB [SEED]`. Says "ready" once the store is open, and then starts.
 *   write   100 rounds of blobs, records, manifests and tags that other workers write too; ends with "done"
 *   hold    begins a blob and a record, writes some of it, says "holding" and waits to be killed
 */

import { openStore } from "../../src/adapters/node/store/store.ts";
import { digestOf } from "../../src/core/digest.ts";
import { MEDIA_TYPE } from "../../src/core/media-type.ts";
import { putBytes } from "../../src/image/blob-store.ts";

const [folder, job, seed = "0"] = process.argv.slice(2) as [string, string, string?];
const store = await openStore(folder);
console.log("ready");

if (job === "hold") {
  const writer = await store.blobs.create();
  await writer.write(Buffer.alloc(3_000_000, 7));
  console.log("holding");
  setInterval(() => undefined, 60_000);
} else {
  for (let round = 0; round < 100; round++) {
    const shared = Buffer.alloc(100_000 + round, round);
    await Promise.all([putBytes(store.blobs, shared), putBytes(store.blobs, shared)]);
    await store.records.write("steps", `shared ${round % 5}`, Buffer.from(`worker ${seed} round ${round}`.repeat(50)));
    const text = `manifest ${round} of ${seed}`;
    const digest = await putBytes(store.blobs, Buffer.from(text));
    await store.registry.linkBlob("app", digestOf(shared));
    await store.registry.putManifest("app", { descriptor: { mediaType: MEDIA_TYPE.ociManifest, digest, size: text.length } }, ["latest", `w${seed}`]);
    if (round % 10 === 9) await store.registry.deleteManifest("app", digestOf(`manifest ${round - 5} of ${seed}`));
  }
  await store.close();
  console.log("done");
}
