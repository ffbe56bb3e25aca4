import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { ProblemError } from "../../../core/problem.ts";
import type { Exclusive } from "../../../engine/exclusive.ts";
import type { RecordKind, Records } from "../../../engine/records.ts";
import type { BlobStore } from "../../../image/blob-store.ts";
import type { RegistryStorage } from "../../../registry/server/storage.ts";
import { folderBlobs } from "./blobs.ts";
import { exclusiveIn } from "./exclusive.ts";
import { layoutOf, type StoreLayout } from "./layout.ts";
import { beginLease, sweep } from "./lease.ts";
import { passed } from "./lock.ts";
import { makeFolder } from "./make-folder.ts";
import { guarded } from "./problem.ts";
import { type PruneOptions, type PruneReport, pruneStore } from "./prune.ts";
import { folderRecords } from "./records.ts";
import { folderRegistry } from "./registry.ts";
import { writeWhole } from "./write-file.ts";

export interface StoreOptions {
  /** Waits for the disk at each commit, tag and record: for a registry that others push to. Default false. */
  readonly durable?: boolean;
}

/** multihull's folder: blobs, step records and the embedded registry, shared by every process that opens it. */
export interface Store {
  /** Absolute path. */
  readonly folder: string;
  /** `pathOf` is set. */
  readonly blobs: BlobStore & { readonly pathOf: NonNullable<BlobStore["pathOf"]> };
  readonly records: Records;
  readonly registry: RegistryStorage;
  readonly exclusive: Exclusive;
  /** Folder for what programs run upon; made by whoever needs it. */
  readonly sandboxFolder: string;
  /**
   * Frees room; see {@link PruneOptions}. Never takes what an open store may be using.
   * @throws {ProblemError} `store-unusable`
   */
  prune(options?: PruneOptions): Promise<PruneReport>;
  /** Ends the lease; what was not committed is gone. Call once everything is done. */
  close(): Promise<void>;
}

const VERSION = 1;
const RECORD_KINDS = ["steps", "layers", "contexts", "contents", "proofs"] as const satisfies readonly RecordKind[];

/**
 * Opens the store in `folder`, making it (mode 0700) when it is not there, and sweeps what killed processes left.
 * Waits while another process prunes it.
 * @throws {ProblemError} `store-unusable` | `disk-full`
 */
export async function openStore(folder: string, { durable = false }: StoreOptions = {}): Promise<Store> {
  const layout = layoutOf(resolve(folder));
  const lease = guarded(layout.folder, () => {
    makeFolders(layout);
    sweep(layout);
    return beginLease(layout);
  });
  checkVersion(layout, (text) => writeWhole(lease, layout.versionFile, text, durable));
  // Who prunes from now on sees our lease.
  await passed(layout.pruneLock);
  const blobs = folderBlobs(layout, lease, durable);
  return {
    folder: layout.folder,
    blobs,
    records: folderRecords(layout, lease, durable),
    registry: folderRegistry(layout, lease, durable),
    exclusive: exclusiveIn(layout, lease),
    sandboxFolder: layout.sandbox,
    prune: (options = {}) => pruneStore(layout, lease, options),
    async close() {
      await blobs.close();
      lease.end();
    },
  };
}

function makeFolders(layout: StoreLayout): void {
  if (!existsSync(layout.folder)) {
    makeFolder(layout.folder, 0o700);
    // The umask may have taken bits that the owner needs.
    chmodSync(layout.folder, 0o700);
  }
  const below = [
    ...["sha256", "sha512"].map((algorithm) => join(layout.blobs, algorithm)),
    ...RECORD_KINDS.map((kind) => join(layout.records, kind)),
    layout.ingest,
    layout.registry,
    layout.leases,
  ];
  for (const path of below) if (statSync(path, { throwIfNoEntry: false }) === undefined) makeFolder(path);
}

function checkVersion(layout: StoreLayout, write: (text: string) => void): void {
  if (!existsSync(layout.versionFile)) {
    write(`${JSON.stringify({ version: VERSION })}\n`);
    return;
  }
  const text = guarded(layout.versionFile, () => readFileSync(layout.versionFile, "utf8"));
  if (!text.startsWith(`{"version":${VERSION}}`)) {
    throw new ProblemError("store-unusable", {
      message: `the store "${layout.folder}" was written by another version of multihull (its store.json says ${JSON.stringify(text.trim().slice(0, 80))}, wanted version ${VERSION})`,
      hint: "name another folder with --store, or remove this one",
      facts: { path: layout.folder },
    });
  }
}
