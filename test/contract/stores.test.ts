import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { memoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { memoryRecords } from "../../src/adapters/memory/records.ts";
import { memoryRegistryStorage } from "../../src/adapters/memory/registry-storage.ts";
import { openStore, type Store } from "../../src/adapters/node/store/store.ts";
import { blobStoreContract } from "./blob-store.ts";
import { recordsContract } from "./records.ts";
import { registryStorageContract } from "./registry-storage.ts";

const opened: Store[] = [];

async function freshStore(durable = false): Promise<Store> {
  const store = await openStore(mkdtempSync(join(tmpdir(), "multihull-store-")), { durable });
  opened.push(store);
  return store;
}

afterEach(async () => {
  for (const store of opened.splice(0)) {
    await store.close();
    rmSync(store.folder, { recursive: true, force: true });
  }
});

blobStoreContract("memory", async () => memoryBlobStore());
blobStoreContract("folder", async () => (await freshStore()).blobs);
blobStoreContract("durable folder", async () => (await freshStore(true)).blobs);
recordsContract("memory", async () => memoryRecords());
recordsContract("folder", async () => (await freshStore()).records);
registryStorageContract("memory", async () => memoryRegistryStorage());
registryStorageContract("folder", async () => (await freshStore()).registry);
