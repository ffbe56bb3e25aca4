import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreLayout } from "./layout.ts";
import { lifeOf, newOwner, type OwnerId } from "./owner.ts";

/** An open store's claim on what it uses. */
export interface Lease {
  readonly owner: OwnerId;
  readonly path: string;
  /** By the file system's clock, which runs a little behind: compare with nothing but file times. */
  readonly beganMs: number;
  /** A fresh name in the ingest folder; the file is swept once this process is gone. */
  ingestPath(): string;
  /** Puts the lease back after somebody in another container took us for dead. */
  renew(): void;
  end(): void;
}

/** How long owners that are out of our sight are taken to live: longer than any build. */
const UNSEEN_LIFE_MS = 24 * 3_600_000;

export function beginLease(layout: StoreLayout): Lease {
  const owner = newOwner();
  let count = 0;
  const ingestPath = (): string => join(layout.ingest, `${owner}.${count++}`);
  const path = join(layout.leases, owner);
  // The content is what lock files, links to this one, tell of their holder: it must be there from the start.
  const write = (): void => {
    const draft = ingestPath();
    writeFileSync(draft, owner);
    renameSync(draft, path);
  };
  write();
  const beganMs = statSync(path).mtimeMs;
  const renew = (): void => {
    write();
    utimesSync(path, beganMs / 1000, beganMs / 1000);
  };
  return { owner, path, beganMs, ingestPath, renew, end: () => rmSync(path, { force: true }) };
}

/** When the oldest of the leases that may still be in use began; Infinity when there is none. */
export function oldestLeaseMs(layout: StoreLayout): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const name of readdirSync(layout.leases)) {
    const beganMs = statSync(join(layout.leases, name), { throwIfNoEntry: false })?.mtimeMs;
    if (beganMs !== undefined && isHeld(name, beganMs)) oldest = Math.min(oldest, beganMs);
  }
  return oldest;
}

/** Removes what killed processes left: their leases, and files they were writing. */
export function sweep(layout: StoreLayout): void {
  for (const folder of [layout.ingest, layout.leases]) {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (mtimeMs !== undefined && !isHeld(name.split(".")[0] as string, mtimeMs)) rmSync(path, { force: true, recursive: true });
    }
  }
}

/** Whether what an owner left at `atMs` may still be in use. */
export function isHeld(owner: OwnerId, atMs: number, unseenLifeMs: number = UNSEEN_LIFE_MS): boolean {
  const life = lifeOf(owner);
  return life === "unknown" ? Date.now() - atMs < unseenLifeMs : life === "alive";
}
